"""A request for the details of a collision as the private API tells of it."""

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

RECEIVED = "received"
OPEN = ("requested", "asked")

Told = Mapping[str, Any]  # JSON of the API


@dataclass(frozen=True)
class Evidence:
    """What the API told last."""

    told: Told

    @property
    def collision_id(self) -> str:
        return self._text("collision_id")

    @property
    def state(self) -> str:
        return self._text("state") or "unknown"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def answers(self) -> Sequence[Told]:
        found = self.told.get("answers")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def end(self) -> None:
        """The exit code says whether an answer came."""
        if self.is_open:
            raise Incomplete(f"{self.collision_id} is {self.state}: no answer came yet")
        if self.state != RECEIVED:
            reason = self._text("reason")
            because = f": {reason}" if reason else ""
            raise CommandError(
                f"{self.collision_id} ended without an answer, as {self.state}{because};"
                " --again asks once more"
            )

    def _text(self, name: str) -> str:
        value = self.told.get(name)
        return "" if value is None else str(value)


def shown(desk: Desk, collision_id: str) -> Evidence:
    """Raises CommandError where there is no such request."""
    return Evidence(desk.call("GET", "v1", "collisions", collision_id))


def followed(
    desk: Desk, collision_id: str, *, pause: Callable[[float], None] = sleep
) -> Iterator[Evidence]:
    return looking.until_ended(desk, lambda: shown(desk, collision_id), pause=pause)


def step(found: Evidence) -> Step:
    asks = found.told.get("asks") or 0
    return Step(int(not found.is_open), 1, escape(f"{found.state}, asked {asks} times"))


def write(found: Evidence, *, as_json: bool) -> None:
    """The whole record; then the end that the state is."""
    if as_json:
        console.write_json(found.told)
    else:
        _show(found)
    found.end()


def _show(found: Evidence) -> None:
    told = found.told
    typer.echo(f"{found.collision_id}: {found.state}")
    at = f" at {told['at']}" if told.get("at") else ""
    typer.echo(f"  {told.get('user_id')} on {told.get('date')}{at}, for {told.get('claim')}")
    for one in told.get("requests") or ():
        typer.echo(f"  {one.get('requested_at')} {one.get('requester')}")
    table = console.table("answered", "sha256", "raw key")
    for one in found.answers:
        cells = (one.get(name) for name in ("came_at", "sha256", "raw_key"))
        table.add_row(*(escape(str(cell)) for cell in cells))
    if table.row_count:
        console.out().print()
        console.out().print(table)
