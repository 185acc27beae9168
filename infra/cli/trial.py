"""Trying a provider's keys before anything relies on them."""

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, cast

from infra.cli.exits import BadInput, CommandError
from telematics.errors import MissingSetting, TelematicsError
from telematics.observability import logger
from telematics.offloads import sources

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.offloads.sources import OffloadSource
    from telematics.secrets import Fields

DAYS = 3


class _Trial(Protocol):
    """`providers/<name>/trial.py`, of those that have no offloads to list."""

    def tried(self, fields: "Fields", *, base_url: str) -> list[str]: ...


def run(provider: "Provider", fields: "Fields", *, base_url: str) -> list[str]:
    """What was seen to work."""
    try:
        with _quiet():
            return _tried(provider, fields, base_url)
    except MissingSetting as error:
        raise BadInput(f"nothing was stored: {error}") from error
    except TelematicsError as error:
        raise CommandError(f"nothing was stored: {error}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Functions log to standard output; here answers go there."""
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _tried(provider: "Provider", fields: "Fields", base_url: str) -> list[str]:
    if provider.fetches_offloads:
        return _of_offloads(provider.name, fields, base_url)
    trial = importlib.import_module(f"telematics.providers.{provider.name}.trial")
    return cast(_Trial, trial).tried(fields, base_url=base_url)


def _of_offloads(provider: str, fields: "Fields", base_url: str) -> list[str]:
    """Listing and, where a file is listed, opening it by a fresh link."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    source = sources.connect(provider, fields, base_url=base_url)
    listed = source.list_files(first=yesterday - timedelta(days=DAYS - 1), last=yesterday).files
    seen = [f"{len(listed):,} files listed for the last {DAYS} days"]
    if not listed:
        return [*seen, "no file to try the links with"]
    return [*seen, _opened(source, min(listed, key=lambda one: one.size or 0))]


def _opened(source: "OffloadSource", file: "sources.ListedFile") -> str:
    with source.open(file):
        return f"a link was made and answers ({file.key.file})"
