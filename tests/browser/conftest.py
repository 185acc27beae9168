"""A dossier written once, and a browser started once, for all that is looked at in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from infra.cli import desk
from infra.cli.engines import iceberg
from infra.cli.reporting import report
from infra.cli.reporting.report import Written
from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.crash import ID, LATER, Crash, happened
from tests.unit.conftest import DATABASE


@dataclass(frozen=True)
class Desk:
    """Where dossiers are written."""

    crash: Crash
    folder: Path

    def write(self, case: str = ID, **choices: int) -> Written:
        return report.write(case, self.crash.stack, out=self.folder, now=LATER, **choices)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crash]:
    root = tmp_path_factory.mktemp("lake")
    catalog = SqlCatalog(
        "local", uri=f"sqlite:///{root}/catalog.db", warehouse=f"file://{root}/warehouse"
    )
    catalog.create_namespace(DATABASE)
    yield happened(catalog)
    catalog.engine.dispose()


@pytest.fixture(scope="session")
def here(lake: Crash, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    def client(**_: object) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(lake.api))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iceberg, "catalog", lambda _: lake.catalog)
        patch.setattr(desk, "client", client)
        yield Desk(lake, tmp_path_factory.mktemp("dossiers"))


@pytest.fixture(scope="session")
def written(here: Desk) -> Written:
    return here.write()


@pytest.fixture(scope="session")
def changed(here: Desk) -> Written:
    """Found by the dashcam's event; a still of it is not what came, and nothing fits the page."""
    folder = here.folder / "changed"
    folder.mkdir()
    bucket = here.crash.bucket
    still = next(one for one in sorted(bucket.objects) if one.endswith(".jpg"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(bucket.objects, still, bucket.objects[still] + b"?")
        return Desk(here.crash, folder).write(here.crash.event, most_megabytes=0)


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    if chromium.found() is None:
        pytest.skip(chromium.MISSING)
    with chromium.started() as started:
        yield started
