"""`telematics cost`: what a month costs with so many users, and what that rests on."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeAlias

import typer
from rich.markup import escape

from infra.cli import console
from infra.cli.exits import BadInput
from infra.cli.options import JsonOption, examples
from infra.costs.assumptions import assumptions
from infra.costs.bill import Line, bill, total
from infra.costs.measured import Measured
from infra.costs.use import Use
from infra.costs.work import Work
from infra.stages import STAGES

EXAMPLES = examples(
    "cost --users 1000000",
    "cost --users 20000 --trips-per-user-day 4 --notified 1 --assumptions",
    "cost --users 1000000 --points-per-trip 900 --months-kept 3 --json",
)
LEAST_SHOWN_USD = 0.005
LONGEST_WAIT_SECONDS = 300
Number: TypeAlias = float | None


def _said(what: str, otherwise: str) -> Any:  # Any: typer's
    return typer.Option(help=what, show_default=otherwise)


def cost(
    users: Annotated[int, typer.Option(help="People who drive every day.")],
    trips_per_user_day: Annotated[Number, _said("Trips of each, a day.", "3")] = None,
    points_per_trip: Annotated[Number, _said("GPS points of a trip.", "90")] = None,
    notified: Annotated[
        Number, _said("Share of users whose trips come by webhook, not by file.", "0.5")
    ] = None,
    claims_per_month: Annotated[
        Number, _said("Collisions asked about, with a clip.", "users / 250")
    ] = None,
    queries_per_day: Annotated[Number, _said("Of one day or one user.", "users / 2000")] = None,
    reports_per_day: Annotated[Number, _said("Over a month of trips.", "users / 100000")] = None,
    months_kept: Annotated[Number, _said("Months of data that are kept.", "12")] = None,
    merging_waits_seconds: Annotated[
        Number,
        _said(
            "For how long small objects are gathered before they are merged.",
            f"{STAGES['aws'].merging_waits_seconds}, as deployed",
        ),
    ] = None,
    with_assumptions: Annotated[
        bool, typer.Option("--assumptions", help="Only what the bill rests on.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """What a month costs at list prices, with what one unit of work was measured to take.

    Nothing is asked of AWS: it is the bill of what is in this checkout.
    """
    try:
        use = Use.of(
            users,
            trips_per_user_day=trips_per_user_day,
            points_per_trip=points_per_trip,
            notified=notified,
            claims_per_month=claims_per_month,
            queries_per_day=queries_per_day,
            reports_per_day=reports_per_day,
            months_kept=months_kept,
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    measured, waits = Measured.read(), _waits(merging_waits_seconds)
    lines, told = bill(Work(use, measured, waits)), assumptions(use, measured, waits)
    if as_json:
        console.write_json(_answer(use, lines, told))
        return
    if not with_assumptions:
        _show(lines)
    for one in told:
        typer.echo(f"- {one}")


def _waits(seconds: float | None) -> float:
    if seconds is None:
        return STAGES["aws"].merging_waits_seconds
    if not 0 <= seconds <= LONGEST_WAIT_SECONDS:
        raise BadInput(f"Lambda waits for 0 to {LONGEST_WAIT_SECONDS} seconds, not {seconds:g}")
    return seconds


def _answer(use: Use, lines: Sequence[Line], told: Sequence[str]) -> dict[str, Any]:  # as JSON
    return {
        "use": asdict(use),
        "lines": [{**asdict(line), "usd": round(line.usd, 4)} for line in lines],
        "usd_a_month": round(total(lines), 2),
        "assumptions": list(told),
    }


def _show(lines: Sequence[Line]) -> None:
    """What comes to less than a cent is one line."""
    shown = console.table("service", "what", "a month>", "unit", "USD each>", "USD a month>")
    for line in lines:
        if line.usd >= LEAST_SHOWN_USD:
            shown.add_row(
                line.service,
                escape(line.what),
                f"{line.count:,.0f}" if line.count >= 10 else f"{line.count:.2f}",
                line.unit,
                f"{line.each_usd:.10f}".rstrip("0").rstrip("."),
                f"{line.usd:,.2f}",
            )
    rest = total([line for line in lines if line.usd < LEAST_SHOWN_USD])
    shown.add_row("all others", "", "", "", "", f"{rest:.2f}")
    shown.add_row("together", "", "", "", "", f"{total(lines):,.2f}")
    console.out().print(shown)
