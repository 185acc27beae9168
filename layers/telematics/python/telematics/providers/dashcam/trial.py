"""Trying the fields of VisionMax's secret before anything relies on them."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
from pydantic import SecretStr

from telematics import http
from telematics.http import Patience
from telematics.providers.dashcam.api import WHO
from telematics.providers.dashcam.client import connect


def tried(
    fields: Mapping[str, SecretStr],
    *,
    base_url: str,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> list[str]:
    """What was seen to work, by asking for events: that takes the account, headers and paths."""
    dashcam = connect(fields, base_url=base_url, client=client, patience=patience)
    now = http.utc_now()
    listed = dashcam.events(now - timedelta(days=1), now)
    return [
        f"{WHO} takes the key and the account",
        f"{len(listed.elements):,} events are listed for the last 24 hours",
    ]
