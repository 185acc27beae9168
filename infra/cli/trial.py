"""Trying a provider's keys before anything relies on them."""

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from infra.cli.exits import CommandError
from telematics.errors import ProviderError, TelematicsError
from telematics.observability import logger
from telematics.offloads import sources

if TYPE_CHECKING:
    from telematics.offloads.sources import OffloadSource
    from telematics.secrets import Fields

DAYS = 3


def run(provider: str, fields: "Fields", *, base_url: str) -> list[str]:
    """What was seen to work: listing and, where a file is listed, opening it by a fresh link."""
    logger.setLevel(logging.CRITICAL)  # functions log to standard output; here answers go there
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    try:
        source = sources.connect(provider, fields, base_url=base_url)
        listed = source.list_files(first=yesterday - timedelta(days=DAYS - 1), last=yesterday).files
    except TelematicsError as error:
        raise CommandError(f"nothing was stored: {error}") from error
    seen = [f"{len(listed):,} files listed for the last {DAYS} days"]
    if not listed:
        return [*seen, "no file to try the links with"]
    return [*seen, _opened(source, min(listed, key=lambda one: one.size or 0))]


def _opened(source: "OffloadSource", file: "sources.ListedFile") -> str:
    try:
        with source.open(file):
            return f"a link was made and answers ({file.key.file})"
    except ProviderError as error:
        raise CommandError(f"nothing was stored: {error}") from error
