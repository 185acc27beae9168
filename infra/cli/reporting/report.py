"""A dossier written: its page, its charts, and beside them what is too large for the page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.cli.following import follow
from infra.cli.reporting import files
from infra.cli.reporting.case import DASHCAMS, Case, check_id, opened
from infra.cli.reporting.custody import Bucket
from infra.cli.reporting.dossier import Dossier
from infra.cli.reporting.gathering import Gathering
from infra.cli.reporting.lake import Lake
from infra.cli.reporting.media import Shelf
from infra.cli.target import Deployment

MOST_MEGABYTES = 50
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Written:
    """Where it is. `missing` says what is not in it, and why."""

    page: Path
    charts: Path | None
    beside: tuple[Path, ...]
    dossier: Dossier = field(repr=False)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(self.dossier.missing)


def write(
    case_id: str,
    deployment: Deployment,
    *,
    out: Path,
    now: datetime,
    most_megabytes: int = MOST_MEGABYTES,
) -> Written:
    """Raises what `opened` raises, and BadInput where something else would be replaced."""
    check_id(case_id)
    page, charts = out / f"{case_id}.html", out / f"{case_id}.png"
    files.check_folder(out)
    files.check_free(page)
    files.check_free(charts)
    lake = Lake(deployment)
    case = opened(lake, case_id)
    with TemporaryDirectory(prefix="telematics-dossier-") as copies:
        work = _gathering(lake, case, Path(copies), now, most_megabytes)
        follow(
            work.steps(),
            title=case_id,
            unit="places",
            left_running=lambda: "stopped; nothing was written",
        )
        return _written(work.dossier, page, charts)


def _gathering(lake: Lake, case: Case, copies: Path, now: datetime, megabytes: int) -> Gathering:
    deployment = lake.deployment
    media = Bucket(deployment.objects, deployment.output("MediaBucket"))
    return Gathering(
        lake,
        Dossier(case, now),
        Bucket(deployment.objects, deployment.output("RawBucket")),
        Shelf(media, DASHCAMS, copies, case.id, megabytes * MEGABYTE),
    )


def _written(dossier: Dossier, page: Path, charts: Path) -> Written:
    from infra.cli.reporting import charts as drawing
    from infra.cli.reporting import page as telling

    drawn = drawing.of(dossier)
    beside = tuple(page.parent / one.beside for one in dossier.files if one.beside)
    for place, file in zip(beside, (one for one in dossier.files if one.beside), strict=True):
        files.write_copy(place, file.place)
    if drawn.all:
        files.write(charts, [drawn.all])
    files.write(page, _encoded(telling.pieces(dossier, drawn)))
    return Written(page, charts if drawn.all else None, beside, dossier)


def _encoded(texts: Iterator[str]) -> Iterator[bytes]:
    return (one.encode("utf-8", "replace") for one in texts)
