"""`telematics demo`: from nothing to answers in SQL, on this machine."""

import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from rich.markup import escape
from rich.rule import Rule

from infra.cli import (
    claim,
    console,
    dossier,
    evidence,
    fetch,
    footage,
    keys,
    notifying,
    query,
    ready,
    receipts,
    results,
    status,
    sync,
    target,
    user_views,
)
from infra.cli.claim import Claim
from infra.cli.crash import Crash
from infra.cli.engines.answer import Answer
from infra.cli.exits import BadInput, CommandError, Interrupted
from infra.cli.farewell import USER, Farewell
from infra.cli.options import SandboxOption, examples
from infra.cli.reporting import report
from infra.cli.results import Format
from infra.cli.sandbox import ensure, wait
from infra.cli.steps import Steps
from infra.cli.target import Deployment
from telematics.catalog import PROVIDERS

EXAMPLES = examples("demo", "sandbox down")
PROVIDER = "sentiance"
DAYS = 3
QUESTIONS = ("trips_per_day", "transport_modes", "riskiest_drivers", "late_trips")
CALLER, DASHCAMS, CLAIMS = "move", "dashcam", "zendrive"
IDLE_SECONDS = 1_800.0
POINTS_SHOWN = 10
ROWS_SHOWN = 20
VIEWED = ("collision_evidence", "harsh_events", "freshness")
DOSSIERS = Path("build/dossiers")
NEXT = (
    ("status", "what is in the lake, and what is missing"),
    ("query --list", "the questions that are ready"),
    ('query "show tables"', "or ask your own, in SQL as Athena has it"),
    ("fetch sentiance --days 14", "more days; what is there stays"),
    ("reconcile move", "what MOVE has, against what the lake has"),
    ("webhook list", "where MOVE and the dashcams call us"),
    ("sync dashcam", "what else the dashcams saw"),
    ("collision request --help", "ask for what is known of somebody's crash"),
    ("lake tables", "what the tables are made of"),
    ("sandbox down", "stop it; what it holds is kept for the next `sandbox up`"),
)


def demo(sandbox: SandboxOption = None) -> None:
    """Bring the sandbox up, live three days of a small insurer, and ask the lake.

    Sentiance's offloads are fetched; MOVE notifies our webhooks; a crash is filmed, claimed and
    told in a dossier; somebody is blocked and erased.

    Takes a few minutes the first time. Run it again at will: repeats change nothing.
    """
    if sandbox is False:
        raise BadInput("the demo runs in the sandbox only: leave --aws out")
    _headline("1. The whole stack, on this machine")
    running = ensure()
    deployment = target.find(sandbox=True)
    _headline(f"2. Sentiance: the last {DAYS} complete days, fetched and loaded")
    fetch.fetch(PROVIDER, days=DAYS, sandbox=True)
    _headline("3. The lake, asked in SQL")
    for name in QUESTIONS:
        _ask(ready.named(name), deployment)
    _headline(f"4. Dolphin MOVE: what everybody did in these {DAYS} days, notified to our webhooks")
    is_called = _be_called(running.simulators.get(CALLER), deployment)
    _headline("5. Every file accounted for")
    status.status(sandbox=True)
    if is_called:
        _headline("6. MOVE's timeline, asked in SQL")
        _ask(ready.named("move_trips_by_type"), deployment)
        _ask(ready.named("points_of_trip"), deployment, most=POINTS_SHOWN)
    if simulator := running.simulators.get(DASHCAMS):
        _headline("7. A crash: the dashcam's footage, asked for by itself")
        _crash(simulator, deployment)
    if simulator := running.simulators.get(CLAIMS):
        _headline("8. A claim: Zendrive is asked for all that it knows of a crash, and calls us")
        _claim(simulator, deployment, known_as={CALLER: claim.USER} if is_called else {})
    _headline("9. Whatever the provider: one set of views")
    for name in VIEWED:
        _ask(ready.named(name), deployment, most=ROWS_SHOWN)
    if is_called:
        _headline("10. Somebody leaves: blocked, then erased, with a receipt")
        _farewell(deployment)
    _headline("What next")
    _suggest()


def _crash(simulator: str, deployment: Deployment) -> None:
    found = Crash(simulator, deployment).live(today=datetime.now(UTC).date())
    footage.write(found, as_json=False)
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    sync.sync(DASHCAMS, from_=yesterday, to=yesterday, sandbox=True)
    wait(idle=True, timeout=IDLE_SECONDS)
    _ask(ready.named("clip_custody"), deployment)


def _claim(simulator: str, deployment: Deployment, known_as: Mapping[str, str]) -> None:
    found = Claim(simulator, deployment, known_as).live(today=datetime.now(UTC).date())
    evidence.write(found, as_json=False)
    wait(idle=True, timeout=IDLE_SECONDS)
    _ask(ready.named("impacts_on_record"), deployment, most=1)
    DOSSIERS.mkdir(parents=True, exist_ok=True)
    written = report.write(found.collision_id, deployment, out=DOSSIERS, now=datetime.now(UTC))
    dossier.write(written, as_json=False)


def _farewell(deployment: Deployment) -> None:
    farewell = Farewell(deployment)
    if (blocked := farewell.block()) is not None:
        user_views.write(blocked, as_json=False)
    receipts.write(farewell.erase(), as_json=False)
    _ask(ready.named("data_footprint"), deployment, user=USER)


def _be_called(simulator: str | None, deployment: Deployment) -> bool:
    """Whether there was anybody to tell to call us."""
    if simulator is None:
        console.out().print("MOVE is not simulated here: its own notifications are awaited at")
        for name, url in keys.webhook_urls(deployment, PROVIDERS[CALLER]).items():
            console.out().print(f"  {escape(name)}  {escape(url)}")
        return False
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    first = yesterday - timedelta(days=DAYS - 1)
    told = None
    try:
        with Steps() as steps:
            steps.step("Notifying")
            for told in notifying.notify(
                simulator, deployment.webhook_urls(), first=first, last=yesterday
            ):
                steps.detail(str(told))
    except KeyboardInterrupt as error:
        raise Interrupted("stopped looking on; the simulator goes on notifying") from error
    console.out().print(f"Notified: {told}")
    if told and told.given_up:
        raise CommandError(f"{told.given_up:,} deliveries were never taken: telematics status")
    wait(idle=True, timeout=IDLE_SECONDS)
    return True


def _ask(
    question: ready.ReadyQuery, deployment: Deployment, *, most: int | None = None, **given: str
) -> None:
    out = console.out()
    out.print(f"[bold]{escape(question.description)}[/]")
    chosen = "".join(f" --param {name}={value}" for name, value in given.items())
    out.print(f"[dim]telematics query {question.name}{escape(chosen)}[/]")
    answer = query.ask(question.filled(given), {}, deployment)
    results.write(Answer(answer.columns, islice(answer.rows, most)), Format.TABLE)
    out.print()


def _headline(text: str) -> None:
    out = console.out()
    out.print()
    if out.is_terminal:
        out.print(Rule(f"[bold]{escape(text)}[/]", align="left"))
    else:
        out.print(text)


def _suggest() -> None:
    commands = [f"{_program()} {arguments}" for arguments, _ in NEXT]
    width = max(map(len, commands))
    for command, (_, purpose) in zip(commands, NEXT, strict=True):
        console.out().print(f"  [bold]{escape(command.ljust(width))}[/]  {escape(purpose)}")


def _program() -> str:
    """As one can type it here: the environment need not be activated."""
    if shutil.which("telematics"):
        return "telematics"
    here = Path(sys.argv[0])
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else str(here)
