"""What a fetch came to, for people and for scripts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from rich.markup import escape

from infra.cli import console, ledger, status
from infra.cli.backfill import Backfill, Tally
from infra.cli.exits import Incomplete

MOST_SHOWN = 20


@dataclass(frozen=True)
class Hole:
    """A file that is listed and not in the lake."""

    file: str
    state: str
    reason: str


@dataclass(frozen=True)
class Summary:
    """What `fetch --json` prints. `stuck`: files were left waiting because nothing moved."""

    provider: str
    first: str
    last: str
    listed: int
    stored: int
    loaded: int
    rows: int
    quarantined: int
    complete: bool
    stuck: bool
    missing: Sequence[Hole]
    executions: Sequence[str]
    dead_letters: int
    resume: str

    @classmethod
    def of(cls, backfill: Backfill) -> Self:
        tally = Tally.of(backfill.chunks)
        missing = [row for chunk in backfill.chunks for row in chunk.rows if row.state != "loaded"]
        return cls(
            provider=backfill.provider,
            first=str(backfill.days.first),
            last=str(backfill.days.last),
            listed=tally.listed,
            stored=tally.stored,
            loaded=tally.loaded,
            rows=tally.rows,
            quarantined=tally.quarantined,
            complete=not missing,
            stuck=backfill.stuck,
            missing=[Hole(row.file, row.state, ledger.reason(row)) for row in missing],
            executions=[chunk.execution for chunk in backfill.chunks],
            dead_letters=status.depth(backfill.deployment, "DeadLettersConvert"),
            resume=backfill.command,
        )


def report(summary: Summary, *, as_json: bool) -> None:
    """The answer; holes end the program with the exit code that says so."""
    if as_json:
        console.write_json(asdict(summary))
    else:
        _show(summary)
    if not summary.complete:
        raise Incomplete(
            f"{len(summary.missing):,} of {summary.listed:,} files are not in the lake;"
            f" {_way_on(summary)}"
        )


def _way_on(summary: Summary) -> str:
    if summary.stuck:
        return (
            "nothing moved for minutes: look at the dead letters of convert"
            f" (there are {summary.dead_letters:,}), then run `{summary.resume}`"
        )
    if all(hole.state == "quarantined" for hole in summary.missing):
        return "they can't be read, and are kept in raw as they came"
    return f"`{summary.resume}` fetches just those"


def _show(summary: Summary) -> None:
    out = console.out()
    days = f"{summary.provider} {summary.first}..{summary.last}"
    if not summary.listed:
        out.print(f"{days}: no files are listed")
        return
    out.print(
        f"{days}: {summary.listed:,} files listed, {summary.stored:,} stored,"
        f" {summary.loaded:,} loaded: {summary.rows:,} rows"
    )
    if summary.quarantined:
        out.print(
            f"[yellow]{summary.quarantined:,} rows could not be read[/]; the table quarantine holds"
            " them and their reasons"
        )
    if summary.missing:
        _show_holes(summary.missing)


def _show_holes(holes: Sequence[Hole]) -> None:
    table = console.table("missing", "because")
    for hole in holes[:MOST_SHOWN]:
        table.add_row(escape(hole.file), escape(hole.reason))
    console.out().print(table)
    if len(holes) > MOST_SHOWN:
        more = len(holes) - MOST_SHOWN
        console.out().print(f"and {more:,} more: telematics status --json")
