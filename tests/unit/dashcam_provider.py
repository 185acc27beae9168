"""The dashcam's entry of a catalog, for tests of what is done for any provider of its kind."""

from collections.abc import Mapping
from typing import cast

import pytest

from telematics.catalog import PROVIDERS, Provider
from telematics.providers.dashcam.datasets import DATASETS
from telematics.providers.dashcam.webhooks import SECRETS, WEBHOOKS

DASHCAM = Provider(
    name="dashcam",
    title="MiTAC VisionMax",
    base_url="https://api.visionmax.example",
    required=("api_key", "email", "password"),
    optional=(*SECRETS, "base_url", "paths", "headers", "parameters", "codes", "fleet_id"),
    datasets=DATASETS,
    webhooks=WEBHOOKS,
    syncs=True,
    clips=True,
)


def known(monkeypatch: pytest.MonkeyPatch, provider: Provider = DASHCAM) -> None:
    """From now on the catalog has it as it is here."""
    monkeypatch.setitem(cast(dict[str, Provider], PROVIDERS), provider.name, provider)


def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nobody has events to ask for or makes clips."""
    known: Mapping[str, Provider] = dict(PROVIDERS)
    for name, one in known.items():
        if one.syncs or one.clips:
            monkeypatch.delitem(cast(dict[str, Provider], PROVIDERS), name)
