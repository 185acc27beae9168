"""The page of a dossier, piece by piece: footage is never in memory as a whole."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template

from infra.cli.console import size
from infra.cli.reporting import sections
from infra.cli.reporting.charts import Charts
from infra.cli.reporting.custody import VERIFIED
from infra.cli.reporting.dossier import Dossier
from infra.cli.reporting.files import MARK
from infra.cli.reporting.findings import before
from infra.cli.reporting.markup import Markup, chart, paragraph, text
from infra.cli.reporting.media import File
from infra.cli.reporting.units import g, kmh, provider_name, when

HERE = Path(__file__).parent
FOOTAGE = "$footage"
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
# A file beside the page is the only other thing that may be shown, and only where there is one.
POLICY_BESIDE = POLICY.replace("data:", "data: file:")
NO_CHART = "There is nothing of which it could be drawn: what is missing is named below."


def pieces(dossier: Dossier, charts: Charts) -> Iterator[str]:
    template = (HERE / "page.html").read_text(encoding="utf-8")
    told = _told(dossier, charts)
    before_footage, _, after_footage = template.partition(FOOTAGE)
    yield Template(before_footage).substitute(told)
    yield from _footage(dossier.files)
    yield Template(after_footage).substitute(told)


def _told(dossier: Dossier, charts: Charts) -> dict[str, str]:
    are_beside = any(one.beside for one in dossier.files)
    return {
        "mark": MARK,
        "policy": POLICY_BESIDE if are_beside else POLICY,
        "style": (HERE / "style.css").read_text(encoding="utf-8"),
        "id": text(dossier.case.id),
        "title": text(sections.title(dossier)),
        "summary": sections.summary(dossier),
        "asked": sections.asked(dossier),
        "map": _map(dossier, charts.map),
        "trip": sections.trip(dossier),
        "curves": _curves(dossier, charts.curves),
        "tellings": sections.tellings(dossier),
        "events": sections.events(dossier),
        "scores": sections.scores(dossier),
        "health": sections.health(dossier),
        "custody": sections.custody(dossier),
        "missing": sections.missing(dossier),
        "made": text(when(dossier.made_at)),
    }


def _map(dossier: Dossier, png: bytes) -> Markup:
    if not png:
        return paragraph(NO_CHART)
    count, teller = f"{len(dossier.points):,}", provider_name(dossier.points_of)
    return chart(
        png,
        means=f"Map of the trip coloured by speed, drawn from {count} points, with its start, its"
        " end, a scale bar and the place of the impact.",
        caption=f"Drawn from {count} points of {teller}; north is up. Brighter is faster.",
    )


def _curves(dossier: Dossier, png: bytes) -> Markup:
    if not png:
        return paragraph(NO_CHART)
    moment = dossier.moment
    last = before(dossier.points, moment) if moment else None
    hardest = max((one.acceleration_g for one in dossier.motion), default=None)
    return chart(
        png,
        means=f"G-force and speed from 30 seconds before to 30 seconds after the impact: up to"
        f" {g(hardest)}; {kmh(last.speed_mps if last else None)} before the impact.",
        caption=f"The impact at {when(moment, dossier.offset_minutes)} is the red line.",
    )


def _footage(files: Sequence[File]) -> Iterator[str]:
    shown = [one for one in files if one.is_shown]
    if not shown:
        yield paragraph("No footage is stored.")
        return
    yield '<div class="shelf">\n'
    for file in sorted(shown, key=lambda one: (one.is_picture, one.sealed.key)):
        yield from _figure(file)
    yield "</div>\n"


def _figure(file: File) -> Iterator[str]:
    name, about = text(file.name), _about(file)
    yield "<figure>"
    if file.is_video:
        yield f'<video controls preload="metadata" title="{text(about)}" src="'
        yield from file.source()
        yield '"></video>'
    else:
        yield '<img src="'
        yield from file.source()
        yield f'" alt="{text(about)}">'
    link = f' <a href="{text(file.beside)}">{text(file.beside)}</a> beside this page.'
    yield f"<figcaption><strong>{name}</strong>: {text(about)}{link if file.beside else ''}"
    yield "</figcaption></figure>\n"


def _about(file: File) -> str:
    clip = file.clip
    kind = "video" if file.is_video else "still"
    camera = f" of camera {clip.camera}, {when(clip.recorded_at)}" if clip else ""
    is_good = file.sealed.verdict == VERIFIED
    checked = "SHA-256 verified" if is_good else f"SHA-256: {file.sealed.verdict}"
    return f"{kind}{camera}, {size(file.sealed.bytes)}, {checked}"
