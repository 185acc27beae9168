"""A clip as the private API tells of it: how far it is, what is there of it, and what is not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

import typer
from rich.markup import escape

from infra.cli import console, looking
from infra.cli.desk import Desk
from infra.cli.exits import CommandError, Incomplete
from infra.cli.following import Step

STORED, PARTLY = "stored", "partly_stored"
OPEN = ("requested", "pending", "busy")
DONE = ("uploaded", "video not found", "clipping failed", "upload time expired")  # with a camera

Told = Mapping[str, Any]  # JSON of the API


@dataclass(frozen=True)
class Footage:
    """What the API told last."""

    told: Told

    @property
    def clip_id(self) -> str:
        return self._text("clip_id") or self._text("task_id")

    @property
    def state(self) -> str:
        return self._text("state") or "unknown"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def cameras(self) -> Mapping[str, str]:
        """Camera by camera, the provider's word for how far it is."""
        found = self.told.get("cameras")
        return found if isinstance(found, dict) else {}

    @property
    def videos(self) -> Sequence[Told]:
        return self._objects("videos")

    @property
    def missing(self) -> Sequence[Told]:
        return self._objects("missing")

    @property
    def requests(self) -> Sequence[Told]:
        return self._objects("requests")

    def end(self) -> None:
        """The exit code says whether the footage is there."""
        if self.is_open:
            raise Incomplete(f"{self.clip_id} is {self.state}: the footage is not there yet")
        reason = self._text("reason")
        because = f": {reason}" if reason else ""
        if self.state == PARTLY:
            raise Incomplete(f"only a part of {self.clip_id} is there{because}")
        if self.state != STORED:
            raise CommandError(
                f"{self.clip_id} ended without a video, as {self.state}{because};"
                " asking for it once more begins anew"
            )

    def _text(self, name: str) -> str:
        value = self.told.get(name)
        return "" if value is None else str(value)

    def _objects(self, name: str) -> Sequence[Told]:
        found = self.told.get(name)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def shown(desk: Desk, clip_id: str) -> Footage:
    """Raises CommandError where there is no such clip."""
    return Footage(desk.call("GET", "v1", "clips", clip_id))


def followed(
    desk: Desk, clip_id: str, *, pause: Callable[[float], None] = sleep
) -> Iterator[Footage]:
    return looking.until_ended(desk, lambda: shown(desk, clip_id), pause=pause)


def step(found: Footage) -> Step:
    """Cameras that are done; nobody knows how many there are before the device has answered."""
    done = sum(one in DONE for one in found.cameras.values())
    words = (f"{camera} {word}" for camera, word in found.cameras.items())
    detail = ", ".join((found.state, *words))
    return Step(done, len(found.cameras), escape(detail))


def write(found: Footage, *, as_json: bool) -> None:
    """The whole record; then the end that the state is."""
    if as_json:
        console.write_json(found.told)
    else:
        _show(found)
    found.end()


def _show(found: Footage) -> None:
    told = found.told
    typer.echo(f"{found.clip_id}: {found.state}")
    typer.echo(
        f"  {told.get('device')}, camera {told.get('camera')},"
        f" {told.get('duration_s')} s at {told.get('at')}"
    )
    for one in found.requests:
        typer.echo(f"  {one.get('requested_at')} {one.get('requester')}: {one.get('reason')}")
    if found.is_open:
        typer.echo(f"  given up at {told.get('deadline_at')}")
    _show_table(("camera", "progress"), found.cameras.items())
    _show_table(
        ("camera", "stored", "size>", "container", "sha256", "media key"),
        (_custody(one) for one in found.videos),
    )
    _show_table(
        ("camera", "missing because"),
        ((one.get("camera"), one.get("reason")) for one in found.missing),
    )


def _custody(video: Told) -> tuple[object, ...]:
    size = video.get("bytes")
    return (
        video.get("capture_mode"),
        video.get("stored_at"),
        f"{size:,}" if isinstance(size, int) else size,
        *(video.get(name) for name in ("container", "sha256", "media_key")),
    )


def _show_table(columns: Sequence[str], rows: Any) -> None:  # Any: rows of whatever was told
    table = console.table(*columns)
    for row in rows:
        table.add_row(*("" if one is None else escape(str(one)) for one in row))
    if table.row_count:
        console.out().print()
        console.out().print(table)
