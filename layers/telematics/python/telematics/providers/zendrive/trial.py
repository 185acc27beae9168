"""Trying the fields of Zendrive's secret before anything relies on them."""

from collections.abc import Mapping

import httpx
from pydantic import SecretStr

from telematics.errors import NotFound
from telematics.http import Patience
from telematics.providers.zendrive.api import WHO
from telematics.providers.zendrive.client import connect
from telematics.providers.zendrive.wire import NotValid

NOBODY, NEVER = "telematics-lake-trial", "0"


def tried(
    fields: Mapping[str, SecretStr],
    *,
    base_url: str,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> list[str]:
    """What was seen to work, by reading a trip that nobody made.

    No call is documented to check a key. This one changes nothing; a wrong key is answered 401 or
    403, and who answers that there is no such driver or trip has looked beyond it.
    """
    zendrive = connect(fields, base_url=base_url, client=client, patience=patience)
    asked = "a read of a trip of an invented name"
    try:
        zendrive.trip(NOBODY, NEVER)
    except NotFound:
        return [f"{WHO} answered 404 to {asked}, and not 401 or 403: it takes the key"]
    except NotValid:
        return [f"{WHO} answered 400 to {asked}, and not 401 or 403: it takes the key"]
    return [f"{WHO} takes the key: it answered {asked}"]
