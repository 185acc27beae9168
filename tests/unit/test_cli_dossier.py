"""The parts of a dossier: its charts, its page and its files, of what providers may well tell."""

import io
import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
import sqlglot
from PIL import Image
from sqlglot import exp

from infra.cli.engines import statement
from infra.cli.exits import BadInput, CommandError
from infra.cli.reporting import charts, files, lake, page
from infra.cli.reporting.case import Case
from infra.cli.reporting.charts import Charts
from infra.cli.reporting.custody import Bucket, Sealed
from infra.cli.reporting.dossier import Dossier
from infra.cli.reporting.findings import Clip, Happening, Impact, Point, Sample, before
from infra.cli.reporting.media import Shelf
from tests.unit.fakes import refusal

AT = datetime(2024, 3, 5, 7, 12, 30, tzinfo=UTC)
CASE = Case("collision-5f2c0e8f9a7b6c5d4e3f2a1b", date(2024, 3, 5), AT, [])
HOSTILE = "</td><script>alert(1)</script>\"'&$footage"
NO_CHARTS = Charts(b"", b"", b"")
IMPACT = Impact(
    provider="zendrive",
    collision_id="1709622750000",
    trip_id="trip-1",
    time=AT,
    utc_offset_minutes=60,
    latitude=52.52,
    longitude=13.405,
    speed_mps=12.5,
    g_force=7.06,
    heading_degrees=None,
    confidence=0.95,
    provider_confidence="HIGH",
    severity="HIGH",
    airbag_deployed=True,
    raw_key=None,
)
CLIP = Clip(
    provider="dashcam",
    clip_id="clip-1",
    origin="request",
    device_id="cid-1",
    camera="C_F",
    recorded_at=AT,
    duration_s=30.0,
    requested_at=AT,
    requester="claims",
    reason=HOSTILE,
    outcome="stored",
    outcome_reason=None,
    media_key="dashcam/clip-1/front.mp4",
    sha256=None,
    missing_because=None,
    raw_key=None,
)


def way(count: int, *, speed: float | None = 12.5) -> list[Point]:
    """Northwards, up to the impact."""
    moments = (AT - timedelta(seconds=second) for second in reversed(range(count)))
    return [
        Point(moment, 52.52 + number * 1e-5, 13.405, speed, 13.9)
        for number, moment in enumerate(moments)
    ]


def dossier(**facts: Any) -> Dossier:
    return Dossier(CASE, AT + timedelta(days=1), **facts)


def size(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


@pytest.mark.parametrize("file", sorted(lake.FOLDER.glob("*.sql")), ids=lambda one: one.stem)
@pytest.mark.parametrize("dialect", ["athena", "trino"])
def test_what_the_lake_is_asked_is_sql_for_athena_and_trino(file: Path, dialect: str) -> None:
    text = file.read_text()
    assert text.startswith("-- ")
    names = set(re.findall(r":(\w+)", text))
    asked = statement.filled(text, dict.fromkeys(names, "2024-03-05"))
    assert isinstance(sqlglot.parse_one(asked, read=dialect), exp.Select)


def test_a_trip_of_20_000_points_is_drawn_at_once() -> None:
    motion = [Sample(AT + timedelta(milliseconds=9 * n), 1.0) for n in range(-1_000, 1_000)]
    known = dossier(impact=IMPACT, points=way(20_000), points_of="zendrive", motion=motion)
    began = time.process_time()
    drawn = charts.of(known)
    assert time.process_time() - began < 5
    (width, map_height), (_, curves_height) = size(drawn.map), size(drawn.curves)
    assert size(drawn.all) == (width, map_height + curves_height)
    assert files.MARK.encode() in drawn.all[: files.MARKED_BYTES]


@pytest.mark.parametrize(
    "facts",
    [
        {"points": way(2), "points_of": "move"},
        {"points": way(30, speed=None), "points_of": "sentiance"},
        {"points": way(40), "points_of": "zendrive", "impact": replace(IMPACT, latitude=None)},
        {"impact": IMPACT, "motion": [Sample(AT, 7.1)]},
        {"impact": IMPACT, "tracks": {"dashcam": way(20)}},
        {"points": [way(1)[0]] * 3, "points_of": "zendrive", "impact": IMPACT},
    ],
)
def test_whatever_is_known_is_drawn(facts: dict[str, Any]) -> None:
    drawn = charts.of(dossier(**facts))
    assert bool(drawn.map) == bool(facts.get("points"))
    assert drawn.all


def test_of_nothing_nothing_is_drawn_and_the_page_says_so() -> None:
    known = dossier(missing=["a trip that was under way then"])
    assert charts.of(known) == NO_CHARTS
    told = "".join(page.pieces(known, NO_CHARTS))
    assert told.count(page.NO_CHART) == 2
    assert "<li>a trip that was under way then</li>" in told


def test_the_speed_before_an_impact_is_the_last_that_somebody_told() -> None:
    points = way(5)
    quiet = [*points[:-1], replace(points[-1], speed_mps=None)]
    later = Point(AT + timedelta(seconds=1), 52.5, 13.4, 0.0, None)
    assert before([*quiet, later], AT) == quiet[-2]
    assert before([later], AT) is None


class Tags(HTMLParser):
    """Each tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_what_others_wrote_is_text_and_nothing_else() -> None:
    event = Happening(
        *("move", HOSTILE, AT, None, HOSTILE, HOSTILE, None, None, None),
        raw_key=HOSTILE,
    )
    told = {"claim": HOSTILE, "requests": [{"requester": HOSTILE}]}
    known = replace(
        dossier(impact=replace(IMPACT, severity=HOSTILE), events=[event], clips=[CLIP]),
        case=replace(CASE, told=told),
        missing=[HOSTILE],
    )
    text = "".join(page.pieces(known, charts.of(known)))
    tags = Tags(text).found
    assert not {"script", "iframe", "link", "form", "a"} & {tag for tag, _ in tags}
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    [policy] = [one["content"] for _, one in tags if "http-equiv" in one]
    assert str(policy).startswith("default-src 'none';")
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    assert text.index('id="footage"') < text.index("No footage is stored.")


class Media:
    """A bucket of three objects, one of which nobody can show."""

    objects: dict[str, bytes] = {  # noqa: RUF012  # the same for all
        "dashcam/clip-1/front.mp4": b"v" * 400,
        "dashcam/event-1/still.jpg": b"s" * 200,
        "dashcam/event-1/track.nmea": b"t" * 300,
    }

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise refusal("NoSuchKey", "GetObject")
        body = self.objects[Key]
        return {"Body": io.BytesIO(body), "ContentLength": len(body), "Metadata": {}}

    def get_paginator(self, _: str) -> "Media":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{"Contents": [{"Key": one} for one in self.objects if one.startswith(Prefix)]}]


@pytest.mark.parametrize(
    ("most_bytes", "aside"),
    [(600, []), (599, ["front.mp4"]), (400, ["front.mp4"]), (0, ["front.mp4", "still.jpg"])],
)
def test_only_so_much_footage_goes_into_the_page(
    tmp_path: Path, most_bytes: int, aside: list[str]
) -> None:
    bucket = Bucket(cast(Any, Media()), "media")
    shelf = Shelf(bucket, "dashcam", tmp_path, "case", most_bytes)
    found = list(shelf.fetch([CLIP], ["event-1"]))
    assert sorted(one.name for one in found) == ["front.mp4", "still.jpg", "track.nmea"]
    assert sorted(one.name for one in found if one.beside) == aside
    still = next(one for one in found if one.is_picture)
    begins = "case-" if still.beside else "data:image/jpeg;base64,c3Nz"
    assert "".join(still.source()).startswith(begins)
    assert {one.sealed.verdict for one in found} == {"no digest was recorded"}


def test_what_is_not_there_any_more_is_told(tmp_path: Path) -> None:
    sealed = Bucket(cast(Any, Media()), "raw").sealed("zendrive/gone.json", "ab" * 32)
    assert sealed.verdict == "not there any more"
    assert not dossier(answers=[sealed]).is_intact
    assert dossier(answers=[Sealed("a", sha256="ab", recorded="ab")]).is_intact


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    files.write(place, [files.MARK.encode()])

    def dies() -> Any:
        yield b"half of it"
        raise OSError("disk full")

    with pytest.raises(CommandError):
        files.write(place, dies())
    assert place.read_text() == files.MARK
    assert list(tmp_path.iterdir()) == [place]
    files.check_free(place)
    place.write_text("a letter")
    with pytest.raises(BadInput):
        files.check_free(place)
    with pytest.raises(BadInput):
        files.check_free(tmp_path)


def test_a_copy_beside_the_page_never_replaces_other_bytes(tmp_path: Path) -> None:
    source, place = tmp_path / "1", tmp_path / "case-ab.mp4"
    source.write_bytes(b"a video")
    for _ in range(2):
        files.write_copy(place, source)
    assert place.read_bytes() == b"a video"
    place.write_bytes(b"another")
    with pytest.raises(BadInput):
        files.write_copy(place, source)
