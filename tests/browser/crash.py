"""One crash in a lake on this disk: told by Zendrive, filmed by a dashcam, noticed by others."""

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pyarrow as pa
from pyiceberg.catalog import Catalog

from infra.cli.target import Deployment
from telematics import media, tables
from telematics.catalog import PROVIDERS, table_name
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.merging import Arrival, Merge
from telematics.providers.dashcam import custody, records, tracks
from telematics.providers.dashcam import rows as dashcam_rows
from telematics.providers.dashcam.about import Event
from telematics.providers.zendrive import rows as zendrive_rows
from telematics.raw import RawKey
from tests.unit import simulated_dashcam, simulated_zendrive
from tests.unit.cli_stack import OUTPUTS
from tests.unit.conftest import DATABASE
from tests.unit.fakes import refusal
from tests.unit.test_cli_move import signed_in

ID = "collision-5f2c0e8f9a7b6c5d4e3f2a1b"
USER, DRIVER, DASHCAM_DRIVER = "driver-0001", "driver-0001", "1"
CLAIM = "claim 4711 <script>document.title = 'hacked'</script>"
HOSTILE = '"><img src=x onerror="document.title=1"><b>'
AT = simulated_zendrive.NOW - timedelta(hours=1)
LATER = AT + timedelta(hours=5)
CLIP = "clip-5f2c0e8f9a7b6c5d4e3f2a1b"

Json = dict[str, Any]  # Any: JSON of any shape


@dataclass
class Bucket:
    """Objects with their metadata, whatever bucket they are asked of."""

    objects: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, body: bytes, kind: str = "application/json") -> str:
        digest = hashlib.sha256(body).hexdigest()
        self.objects[key], self.types[key], self.recorded[key] = body, kind, digest
        return digest

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise refusal("NoSuchKey", "GetObject")
        body = self.objects[Key]
        return {
            "Body": io.BytesIO(body),
            "ContentLength": len(body),
            "ContentType": self.types[Key],
            "Metadata": {"sha256": self.recorded[Key], "fetched-at": LATER.isoformat()},
        }

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Mapping[str, Any]]:  # noqa: N803
        yield {"Contents": [{"Key": one} for one in self.objects if one.startswith(Prefix)]}


@dataclass
class Api:
    """The private API, as it answers of this request."""

    told: Json
    identities: Sequence[Json]
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = "/v1/" + request.url.path.partition("/v1/")[2]
        self.asked.append((request.method, path, json.loads(request.content or b"null")))
        match request.method, path.removeprefix("/v1/").split("/"):
            case "GET", ["collisions", one]:
                is_known = one == ID
                return httpx.Response(200 if is_known else 404, json=self.told if is_known else {})
            case "POST", ["users", _, "export"]:
                return httpx.Response(200, json=self._noted())
            case "GET", ["users", _, "access-log"]:
                entry = {"action": "exported", "by": "claims", "reason": f"dossier of {ID}"}
                return httpx.Response(200, json={"entries": [{"at": LATER.isoformat(), **entry}]})
        raise AssertionError(f"{request.method} {path}")

    def _noted(self) -> Json:
        times = {one: LATER.isoformat() for one in ("at", "since", "created_at")}
        who = {"user_id": USER, "status": "active", "by": "claims"}
        return {**who, **times, "identities": list(self.identities)}


@dataclass
class Rows:
    """The ledger: every raw object is loaded, unless a test says otherwise."""

    state: str = "loaded"

    def get_item(self, *, Key: Mapping[str, str], ConsistentRead: bool) -> Mapping[str, Any]:  # noqa: N803
        day, dataset, _ = Key["file"].split("/")
        row = {**Key, "day": day, "dataset": dataset, "raw_key": "raw", "state": self.state}
        return {"Item": row}


@dataclass
class Crash:
    """All that a dossier is made from."""

    catalog: Catalog
    bucket: Bucket
    api: Api
    ledger: Rows
    zendrive_id: str
    event: str

    @property
    def stack(self) -> Deployment:
        outputs = {**OUTPUTS, "MediaBucket": "media", "RawBucket": "raw", "TasksTable": "tasks"}
        stack = signed_in(outputs=outputs)
        vars(stack).update(objects=self.bucket, ledger=self.ledger)
        return stack


def happened(catalog: Catalog) -> Crash:
    """As the simulators of both tell of it; Sentiance and MOVE in rows that are made up."""
    _declare(catalog)
    bucket = Bucket()
    driver, answer = _called_back(catalog, bucket)
    event = _filmed(catalog, bucket)
    _notice(catalog)
    identities = {"zendrive": driver, "dashcam": DASHCAM_DRIVER, "sentiance": "s-1", "move": "m-1"}
    _link(catalog, identities)
    told = {
        "collision_id": ID,
        "provider": "zendrive",
        "user_id": USER,
        "date": AT.date().isoformat(),
        "at": AT.isoformat(),
        "claim": CLAIM,
        "state": "received",
        "requests": [{"requester": HOSTILE, "requested_at": LATER.isoformat()}],
        "answers": [answer],
    }
    named = [{"provider": one, "provider_user_id": id} for one, id in identities.items()]
    return Crash(catalog, bucket, Api(told, named), Rows(), driver, event)


def _declare(catalog: Catalog) -> None:
    for provider in PROVIDERS.values():
        for dataset in provider.datasets:
            tables.ensure(catalog, DATABASE, table_name(provider.name, dataset.name))
    tables.ensure(catalog, DATABASE, tables.USERS)


def _called_back(catalog: Catalog, bucket: Bucket) -> tuple[str, Json]:
    simulator = simulated_zendrive.Simulator()
    simulator.control("settings", gps_seconds=1)
    simulator.control("crash", driver=DRIVER, at=int(AT.timestamp()))
    moment = f"{int(AT.timestamp() * 1_000)}"
    simulator.answered(1, f"{AT.date()}", collision_id=moment)
    body = simulator.received[-1].content
    digest = hashlib.sha256(body).hexdigest()
    key = RawKey("zendrive", "collision_details", AT.date(), f"{ID}-{digest}", "json")
    bucket.put(str(key), body)
    arrival = Arrival(key, zendrive_rows.contents(key, body, LATER))
    Merge(catalog, DATABASE, LATER).run("zendrive", [arrival])
    came = {"raw_key": str(key), "sha256": digest, "came_at": LATER.isoformat()}
    return simulator.id(1), came


def _filmed(catalog: Catalog, bucket: Bucket) -> str:
    simulator = simulated_dashcam.Simulator(now=lambda: LATER.timestamp())
    crash = simulator.control("crash", driver=DRIVER, at=int(AT.timestamp()))
    simulator.control("clock", advance=3_600)  # all is uploaded
    event, device = str(crash["uuid"]), str(crash["device"])
    paths = {"event": f"V2/event/{event}", "assets": f"V2/event/{event}/assets"}
    bodies = {asked: simulator.http.get(f"/{path}").content for asked, path in paths.items()}
    assets: Json = records.decoded(bodies["assets"])["data"]
    track = simulator.http.get(assets["nmea_url"]).content
    about = str(Event(event, crash["timestamp"], device, DASHCAM_DRIVER))
    entries = [
        *(Entry(asked, LATER, body, about) for asked, body in bodies.items()),
        Entry(tracks.ASKED, LATER, tracks.answer(track), about),
    ]
    body = envelope.packed(entries)
    key = RawKey("dashcam", "events", AT.date(), event, "json.gz")
    bucket.put(str(key), body)
    told = [Arrival(key, dashcam_rows.contents(key, gzip.decompress(body), LATER))]
    for one in (*assets["videos"], *assets["snapshots"]):
        link = one.get("video_url") or one["url"]
        answer = simulator.http.get(link)
        name = one.get("origin_file_name", "still.jpg")
        place = f"dashcam/{event}/{media.safe_name(one['capture_mode'] + '-' + name)}"
        bucket.put(place, answer.content, answer.headers["content-type"])
    video = next(one for one in bucket.objects if one.endswith(".mp4"))
    told.append(_clip(bucket, device, bucket.objects[video]))
    Merge(catalog, DATABASE, LATER).run("dashcam", told)
    return event


def _clip(bucket: Bucket, device: str, video: bytes) -> Arrival:
    """On request, of one camera; the other one had nothing."""
    place = f"dashcam/{CLIP}/C_F-claim.mp4"
    digest = bucket.put(place, video, "video/mp4")
    file = custody.File(
        camera="C_F",
        media_key=place,
        sha256=digest,
        bytes=len(video),
        content_type="video/mp4",
        file_name="claim.mp4",
        stored_at=LATER,
    )
    record = custody.Record(
        clip_id=CLIP,
        device=device,
        camera="ALL",
        requested_for=AT,
        duration_s=20,
        requested_at=LATER,
        requester="claims",
        reason=CLAIM,
        person=DASHCAM_DRIVER,
        outcome="partly_stored",
        ended_at=LATER,
        files=(file,),
        missing={"C_I": "video not found"},
    )
    body = custody.packed(record)
    key = RawKey("dashcam", "clips", LATER.date(), CLIP, "json")
    bucket.put(str(key), body)
    return Arrival(key, dashcam_rows.contents(key, body, LATER))


def _notice(catalog: Catalog) -> None:
    waypoint = {"location": {"latitude": 50.86, "longitude": 4.68}, "speed": 11.9, "direction": -1}
    crash = {
        "timestamp": int((AT + timedelta(seconds=2)).timestamp() * 1_000),
        "timezoneOffset": 120,
        "confidence": 88,
        "maxMagnitude": 6_500,
        "severity": "HIGH",
        "speedAtImpact": 12.1,
        "waypoint": waypoint,
    }
    common = {"provider_user_id": "s-1", "day": AT.date(), "raw_key": None, "loaded_at": LATER}
    report = {"reportid": "report-1", "processingtime": AT, "crashevent": json.dumps(crash)}
    _append(catalog, "sentiance_crash_insights", {**common, **report})
    scores = {"timestamp": AT, "overall": 0.71, "attention": 0.55}
    _append(catalog, "sentiance_primary_safety_scores_users", {**common, **scores})
    of_move = {**common, "provider_user_id": "m-1", "trip_id": "move-trip", "fetched_at": LATER}
    drive = {"start_ts": AT - timedelta(minutes=9), "end_ts": AT, "type": "DRIVING"}
    event = {"time": AT - timedelta(seconds=3), "type": HOSTILE, "strength": 3}
    _append(catalog, "move_timeline_items", {**of_move, **drive})
    _append(catalog, "move_driving_events", {**of_move, **event})


def _link(catalog: Catalog, identities: Mapping[str, str]) -> None:
    facts = {"user_id": USER, "status": "active", "since": AT, "updated_at": AT}
    for provider, id in identities.items():
        row = {**facts, "provider": provider, "provider_user_id": id}
        _append(catalog, tables.USERS, row)


def _append(catalog: Catalog, name: str, row: Mapping[str, Any]) -> None:
    """Columns that nobody declared are texts."""
    table = catalog.load_table((DATABASE, name))
    unknown = row.keys() - set(table.schema().column_names)
    table = tables.widen(table, ((one, tables.iceberg_type(pa.string())) for one in unknown))
    table.append(pa.Table.from_pylist([dict(row)], table.schema().as_arrow()))
