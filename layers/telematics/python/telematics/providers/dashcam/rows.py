"""What VisionMax sent, as rows: answers of its API, messages of its webhooks, and our footage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import msgspec

from telematics import versions
from telematics.datasets import PERSON, Column
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Kept
from telematics.errors import MalformedPayload, TelematicsError
from telematics.providers.dashcam import (
    answers,
    custody,
    datasets,
    deliveries,
    nmea,
    records,
    reports,
)
from telematics.providers.dashcam.about import Event, Period
from telematics.providers.dashcam.datasets import MAKER, UUID
from telematics.raw import RawKey
from telematics.versions import Contents, Row, Thing, Unreadable

Members: TypeAlias = Mapping[str, Any]  # JSON of any shape
Told: TypeAlias = tuple[str, Row]  # a dataset, and its row

# The raw datasets with answers of the API; which call each is of stands beside it.
ANSWERED = ("events", "event_assets", "points", "safety_report", "manual_uploads", "tasks")
WITHOUT_ROWS = frozenset({"task", "clip", "discard"})

_parts = msgspec.json.Decoder(list[msgspec.Raw])
_TABLES = {one.name: one.columns for one in datasets.DATASETS}


def contents(key: RawKey, body: bytes, fetched_at: datetime) -> Contents:
    """Raises MalformedPayload where nothing at all can be read."""
    found = Contents()
    try:
        match key.dataset:
            case datasets.WEBHOOK:
                told(found, key, body, fetched_at)
            case custody.DATASET:
                kept_footage(found, body, fetched_at)
            case name if name in ANSWERED:
                for kept in envelope.unpacked(body):
                    answered(found, key, kept)
            case unknown:
                raise MalformedPayload(f"no reader for the dataset {unknown!r}")
    except versions.NOT_READABLE as error:
        raise MalformedPayload(f"not what was documented: {error}") from error
    return found


def answered(found: Contents, key: RawKey, kept: Kept) -> None:
    """One answer of the API; one that can't be read is set aside, and spoils no other."""
    answer = bytes(kept.answer)
    with _aside(found, None, answer):
        match kept.asked:
            case "events":
                _each(found, kept, listed)
            case "event":
                _each(found, kept, detailed)
            case "manual_uploads":
                _each(found, kept, uploaded)
            case "assets":
                with_assets(found, key, kept)
            case nmea.ASKED:
                tracked(found, key, kept)
            case "safety_report":
                period = Period.parse(kept.trip or "")
                told_of = records.decoded(answer)
                found.things += list(reports.things(told_of, period, kept.fetched_at))
            case asked if asked not in WITHOUT_ROWS:
                raise MalformedPayload("an answer to a call that nobody knows")


def _each(found: Contents, kept: Kept, read: Callable[[Members], Sequence[Told]]) -> None:
    for place, content in enumerate(_elements(kept), start=1):
        with _aside(found, place, content):
            members = records.decoded(content)
            event = _identified(members)
            for dataset, row in read(members):
                found.things.append(_thing(dataset, event, kept.fetched_at, row))


def listed(members: Members) -> Sequence[Told]:
    """An event as lists have it."""
    beside = _row(
        "event_listings", members, datasets.LISTED, known=(*datasets.IDENTITY, *datasets.EVENT)
    )
    return ("events", records.declared(datasets.EVENT, members)), ("event_listings", beside)


def detailed(members: Members) -> Sequence[Told]:
    """An event as it is told by itself."""
    known = (*datasets.IDENTITY, *datasets.EVENT, *datasets.LISTED)
    beside = _row("event_details", members, datasets.DETAILED, known=known)
    return ("events", records.declared(datasets.EVENT, members)), ("event_details", beside)


def uploaded(members: Members) -> Sequence[Told]:
    """Footage that somebody asked for."""
    row = _row("manual_uploads", members, datasets.UPLOAD, known=datasets.IDENTITY)
    return [("manual_uploads", row)]


def with_assets(found: Contents, key: RawKey, kept: Kept) -> None:
    """What there is of an event; the answer itself does not say of which."""
    event = _subject(key, kept)
    for content in _elements(kept):
        members = records.decoded(content)
        lists = {name: members.pop(name, None) for name in ("videos", "snapshots")}
        row = {MAKER: event.device, **_row("event_assets", members, datasets.ASSETS)}
        parts = {
            "event_videos": _parts_of(found, "event_videos", lists["videos"], datasets.VIDEO),
            "event_snapshots": _parts_of(
                found, "event_snapshots", lists["snapshots"], datasets.SNAPSHOT
            ),
        }
        which = _which(event)
        rows = {
            name: [{**which, MAKER: event.device, **one} for one in some]
            for name, some in parts.items()
        }
        found.things.append(_thing("event_assets", event, kept.fetched_at, row, rows))


def _parts_of(
    found: Contents, dataset: str, listed: object, columns: Sequence[Column]
) -> list[dict[str, Any]]:
    if listed is not None and not isinstance(listed, list):
        raise MalformedPayload(f"{dataset}: no list")
    rows = []
    for place, one in enumerate(listed or (), start=1):
        content = msgspec.json.encode(one)
        with _aside(found, place, content):
            rows.append(_row(dataset, records.decoded(content), columns))
    return rows


def tracked(found: Contents, key: RawKey, kept: Kept) -> None:
    """Where the camera was, around an event."""
    event = _subject(key, kept)
    track = nmea.points(nmea.exact(bytes(kept.answer)))
    which = {**_which(event), MAKER: event.device}
    rows = [{**which, **point} for point in track.points]
    digest = versions.digest(rows)
    found.things.append(
        Thing("points", event.uuid, which["day"], kept.fetched_at, digest, {"points": rows})
    )
    found.unreadable += [Unreadable(line, why, "") for line, why in track.unreadable.items()]


def told(found: Contents, key: RawKey, body: bytes, fetched_at: datetime) -> None:
    """A message of a webhook. Its signature is of no use here, its `detail` is a link."""
    for content in deliveries.split(key.dataset, body):
        with _aside(found, None, bytes(content)):
            message = deliveries.message(content)
            members = {name: one for name, one in message.members.items() if name != "detail"}
            day = message.day or key.day
            row = {
                PERSON: None,
                "day": day,
                "message_id": message.message_id,
                **records.declared(datasets.DELIVERY, message.envelope),
                **_row("webhook_messages", members, datasets.MESSAGE),
            }
            digest = versions.digest(row)
            rows = {"webhook_messages": [row]}
            found.things.append(
                Thing("webhook_messages", message.message_id, day, fetched_at, digest, rows)
            )


def kept_footage(found: Contents, body: bytes, fetched_at: datetime) -> None:
    """Our own record: a row for each file that is there, and for each camera that is not."""
    record = custody.unpacked(body)
    rows = [{**custody.which(record), **row} for row in custody.rows(record)]
    digest, day = versions.digest(rows), custody.day(record)
    found.things.append(Thing("clips", record.clip_id, day, fetched_at, digest, {"clips": rows}))


def _elements(kept: Kept) -> list[bytes]:
    """What is in `data`, be it one or many."""
    answer = answers.envelope(bytes(kept.answer))
    if answer is None:
        raise MalformedPayload("not a JSON object")
    data = bytes(answer.data)
    if data == b"null":
        return []
    return [bytes(one) for one in _parts.decode(data)] if data[:1] == b"[" else [data]


def _identified(members: Members) -> Event:
    event = Event.of(members)
    if event is None:
        raise MalformedPayload("uuid: missing")
    if event.timestamp is None:
        raise MalformedPayload("timestamp: no time of an event")
    return event


def _subject(key: RawKey, kept: Kept) -> Event:
    """Without a time of its own it is of the day that its answers are kept under."""
    if not kept.trip:
        raise MalformedPayload("an answer that is about no event")
    event = Event.parse(kept.trip)
    return event if event.day else msgspec.structs.replace(event, timestamp=_begin(key.day))


def _begin(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _which(event: Event) -> dict[str, Any]:
    return {PERSON: event.driver, "day": event.day, UUID: event.uuid}


def _row(
    dataset: str, members: Members, columns: Sequence[Column], known: Sequence[Column] = ()
) -> dict[str, Any]:
    """Its own columns, and what is told beyond that no other table has."""
    return records.declared(columns, members) | records.undeclared(
        members, columns, known, taken=_TABLES[dataset]
    )


def _thing(
    dataset: str,
    event: Event,
    fetched_at: datetime,
    row: Row,
    parts: Mapping[str, Sequence[Row]] | None = None,
) -> Thing:
    which = _which(event)
    rows = {dataset: [{**which, **row}], **(parts or {})}
    return Thing(dataset, event.uuid, which["day"], fetched_at, versions.digest(rows), rows)


@contextmanager
def _aside(found: Contents, place: int | None, content: bytes) -> Iterator[None]:
    """What can't be read goes to quarantine by itself, without links."""
    try:
        yield
    except (*versions.NOT_READABLE, TelematicsError) as error:
        found.unreadable.append(Unreadable(place, str(error), records.set_aside(content)))
