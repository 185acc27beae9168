"""Trying the fields of MOVE's secret before anything relies on them."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
from pydantic import SecretStr

from telematics import http
from telematics.errors import NotFound
from telematics.http import Patience
from telematics.providers.move.answers import WHO
from telematics.providers.move.client import connect

NOBODY = "telematics-lake-trial"


def tried(
    fields: Mapping[str, SecretStr],
    *,
    base_url: str,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> list[str]:
    """What was seen to work, by asking for the last hour of a person of an invented name."""
    move = connect(fields, base_url=base_url, client=client, patience=patience)
    reached = f"{WHO} ({move.api_version}) takes the keys"
    now = http.utc_now()
    try:
        answer = move.listed(NOBODY, first=now - timedelta(hours=1), last=now, limit=1)
    except NotFound:
        return [f"{reached}, and knows no person of an invented name"]
    seen = "a list with an item" if answer.elements else "a list without items"
    return [f"{reached}, and has {seen} for a person of an invented name"]
