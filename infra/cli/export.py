"""`telematics user export`: all that is held of somebody, in one file for them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from infra.cli import console, target
from infra.cli.desk import Desk
from infra.cli.following import follow
from infra.cli.options import JsonOption, SandboxOption, examples

if TYPE_CHECKING:
    from infra.cli.exporting.work import Work

EXAMPLES = examples(
    "user export driver-0001",
    'user export driver-0001 --out driver-0001.zip --reason "asked for it" --json',
)


def export(
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="As we call them.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.zip", help="By default USER_ID.zip.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; it stays on record.")
    ] = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Give somebody all that is held of them: rows, videos, requests and who changed their access.

    That it was done is noted in the access log.
    """
    from infra.cli.exporting import archive, person
    from infra.cli.exporting.work import Work

    path = out or Path(f"{user_id.replace('/', '_')}.zip")
    archive.check_free(path, force=force)
    deployment = target.find(sandbox)
    subject = person.asked(Desk(deployment), user_id, reason)
    with archive.written(path, subject.at) as begun:
        work = Work(deployment, subject, begun)
        follow(
            work.steps(),
            title=user_id,
            unit="places",
            left_running=lambda: "stopped; no file is left",
        )
    _write(work, path, as_json=as_json)


def _write(work: "Work", path: Path, *, as_json: bool) -> None:
    if as_json:
        console.write_json({**work.summary, "file": str(path)})
        return
    table = console.table("what", "rows>")
    for one in work.tables:
        table.add_row(escape(one.table), f"{one.rows:,}")
    console.out().print(table)
    typer.echo(
        f"{path}: {console.size(path.stat().st_size)}, with {len(work.media)} files of media and"
        f" {len(work.tasks)} requests; open its index.html"
    )
