"""`telematics collision report`: all that is known of one crash, on one page."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import console, target
from infra.cli.options import JsonOption, SandboxOption, examples

if TYPE_CHECKING:
    from infra.cli.reporting.report import Written

COLLISION = "collision-5f2c0e8f9a7b6c5d4e3f2a1b"
EXAMPLES = examples(
    f"collision report {COLLISION}",
    f"collision report {COLLISION} --out claims --most-mb 200",
    "collision report 1709622750000    # Zendrive's id, or that of a dashcam's event",
)


def report(
    collision_id: Annotated[
        str,
        typer.Argument(
            metavar="COLLISION_ID",
            help="As `collision request` told it; or Zendrive's id, or that of a dashcam's event.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Where to write it.", show_default="here"),
    ] = Path(),
    most_mb: Annotated[
        int,
        typer.Option(min=0, help="How much footage goes into the page; the rest goes beside it."),
    ] = 50,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Write all that is known of a crash on one page, COLLISION_ID.html, and its charts beside it.

    The page is whole: it asks nobody anything.

    It is personal data, and can be read by you alone. That it was made is in the access log.

    The exit code is 3 while there is no answer, and 1 if there never will be.
    """
    from infra.cli.reporting import report as reporting

    deployment, now = target.find(sandbox), datetime.now(UTC)
    written = reporting.write(collision_id, deployment, out=out, now=now, most_megabytes=most_mb)
    write(written, as_json=as_json)


def write(written: "Written", *, as_json: bool) -> None:
    """Which files there are, and what is not in them."""
    dossier = written.dossier
    if as_json:
        console.write_json(
            {
                "collision_id": dossier.case.id,
                "page": str(written.page),
                "charts": str(written.charts) if written.charts else None,
                "beside": [str(one) for one in written.beside],
                "verified": dossier.is_intact,
                "missing": dossier.missing,
            }
        )
        return
    for path in (written.page, written.charts, *written.beside):
        if path is not None:
            typer.echo(f"{path}: {console.size(path.stat().st_size)}")
    typer.echo(f"evidence {'verified' if dossier.is_intact else 'DOES NOT VERIFY'}")
    for one in dossier.missing:
        typer.echo(f"without {one}")
