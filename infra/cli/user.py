"""`telematics user`: who is known, linked to whom, blocked, and erased."""

from collections.abc import Iterator
from typing import Annotated

import typer

from infra.cli import console, export, receipts, target, user_links, user_views
from infra.cli.desk import Answer, Desk, Gone, key_of
from infra.cli.options import JsonOption, SandboxOption, YesOption, examples
from infra.cli.user_links import (
    DashcamOption,
    LinkOption,
    MoveOption,
    SentianceOption,
    ZendriveOption,
)

app = typer.Typer(
    no_args_is_help=True, help="People: register, link, block, erase, export, look up."
)
app.command("export", epilog=export.EXAMPLES)(export.export)
USERS = ("v1", "users")
MOST_ON_A_PAGE = 100
ADD_EXAMPLES = examples(
    "user add driver-0001 --link move --link sentiance",
    "user add driver-0001 --move contract-17 --dashcam 0b1c2d3e --json",
)
SHOW_EXAMPLES = examples("user show driver-0001", "user show driver-0001 --log --json")
LIST_EXAMPLES = examples("user list", "user list --status blocked --json")
LINK_EXAMPLES = examples(
    "user link driver-0001 move contract-17",
    "user link driver-0001 --sentiance 5f0c9e2b7d1a4c3e8b6f0a12",
    "user link driver-0001 sentiance    # another code for the app",
)
UNLINK_EXAMPLES = examples("user unlink driver-0001 dashcam")
BLOCK_EXAMPLES = examples('user block driver-0001 --reason "contract suspended"')
UNBLOCK_EXAMPLES = examples('user unblock driver-0001 --reason "contract resumed"')
ERASE_EXAMPLES = examples(
    'user erase driver-0001 --reason "asked for it on 2024-03-05"',
    'user erase driver-0001 --reason "asked for it" --yes --wait --json',
)
RECEIPT_EXAMPLES = examples("user receipt driver-0001", "user receipt driver-0001 --json")

UserArgument = Annotated[str, typer.Argument(metavar="USER_ID", help="As we call them.")]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stays on record.")]
MaybeWhy = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; it stays on record.")
]


@app.callback()
def user() -> None:
    """People: register, link, block, erase, export, look up."""


@app.command(epilog=ADD_EXAMPLES)
def add(
    user_id: UserArgument,
    link: LinkOption = None,
    sentiance: SentianceOption = None,
    move: MoveOption = None,
    dashcam: DashcamOption = None,
    zendrive: ZendriveOption = None,
    reason: MaybeWhy = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Register somebody; where a provider registers them too, their app's credentials are shown.

    Nobody keeps those: the same command gives new ones.
    """
    links = user_links.of(link, sentiance=sentiance, move=move, dashcam=dashcam, zendrive=zendrive)
    body = {"user_id": user_id, "links": links, **_said(reason)}
    answer = _desk(sandbox).call("POST", *USERS, body=body, idempotency_key=key_of(body))
    user_views.write(answer, as_json=as_json)


@app.command(epilog=SHOW_EXAMPLES)
def show(
    user_id: UserArgument,
    log: Annotated[
        bool, typer.Option("--log", help="And who changed their access, when and why.")
    ] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Show what providers call somebody, and whether their data is kept."""
    desk = _desk(sandbox)
    try:
        found = dict(desk.call("GET", *USERS, user_id))
    except Gone:
        if not log:
            raise
        found = {"user_id": user_id, "status": "erased"}
    entries = desk.call("GET", *USERS, user_id, "access-log")["entries"] if log else []
    if as_json:
        console.write_json({**found, "access_log": entries} if log else found)
        return
    if "since" in found:
        user_views.write(found, as_json=False)
    if log:
        user_views.write_log(entries)


@app.command("list", epilog=LIST_EXAMPLES)
def list_(
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Only active, blocked or erasing ones.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """List everybody, by status and id."""
    found: list[Answer] = []
    for one in _everybody(_desk(sandbox), status, limit):
        found.append(one)
        if limit is not None and len(found) >= limit:
            break
    user_views.write_page(found, as_json=as_json)


@app.command(epilog=LINK_EXAMPLES)
def link(
    user_id: UserArgument,
    provider: Annotated[str | None, typer.Argument(metavar="[PROVIDER]")] = None,
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="As the provider has it.")
    ] = None,
    links: LinkOption = None,
    sentiance: SentianceOption = None,
    move: MoveOption = None,
    dashcam: DashcamOption = None,
    zendrive: ZendriveOption = None,
    reason: MaybeWhy = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Say what a provider calls somebody; again, it gives their app new credentials."""
    given = user_links.of(links, sentiance=sentiance, move=move, dashcam=dashcam, zendrive=zendrive)
    whose, named = user_links.one(provider, id, given)
    body = {"provider_user_id": named, **_said(reason)}
    answer = _desk(sandbox).call("PUT", *USERS, user_id, "links", whose, body=body)
    user_views.write(answer, as_json=as_json)


@app.command(epilog=UNLINK_EXAMPLES)
def unlink(
    user_id: UserArgument,
    provider: Annotated[str, typer.Argument(metavar="PROVIDER")],
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Forget what a provider calls somebody; what they sent stays."""
    answer = _desk(sandbox).call("DELETE", *USERS, user_id, "links", provider)
    user_views.write(answer, as_json=as_json)


@app.command(epilog=BLOCK_EXAMPLES)
def block(
    user_id: UserArgument, reason: Why, as_json: JsonOption = False, sandbox: SandboxOption = None
) -> None:
    """Keep nothing more of somebody; what is there stays."""
    _turn("block", user_id, reason, as_json, sandbox)


@app.command(epilog=UNBLOCK_EXAMPLES)
def unblock(
    user_id: UserArgument, reason: Why, as_json: JsonOption = False, sandbox: SandboxOption = None
) -> None:
    """Keep what comes of somebody again."""
    _turn("unblock", user_id, reason, as_json, sandbox)


@app.command(epilog=ERASE_EXAMPLES)
def erase(
    user_id: UserArgument,
    reason: Why,
    yes: YesOption = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until nothing of them is left.")] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Have somebody erased everywhere, which nobody can undo."""
    desk = _desk(sandbox)
    if not yes:
        typer.echo(f"All that is held of {user_id} is removed for good.", err=True)
        typer.confirm("Erase them?", abort=True, err=True)
    answer = desk.call("DELETE", *USERS, user_id, body={"reason": reason})
    if wait:
        answer = {**answer, "status": "erased", "receipt": receipts.awaited(desk, user_id)}
    user_views.write(answer, as_json=as_json)


@app.command(epilog=RECEIPT_EXAMPLES)
def receipt(
    user_id: UserArgument, as_json: JsonOption = False, sandbox: SandboxOption = None
) -> None:
    """Show what there was of somebody who is erased, and the proof that it is gone."""
    receipts.write(receipts.of(_desk(sandbox), user_id), as_json=as_json)


def _turn(how: str, user_id: str, reason: str, as_json: bool, sandbox: bool | None) -> None:
    answer = _desk(sandbox).call("POST", *USERS, user_id, how, body={"reason": reason})
    user_views.write(answer, as_json=as_json)


def _everybody(desk: Desk, status: str | None, limit: int | None) -> Iterator[Answer]:
    asked = {"limit": str(min(limit or MOST_ON_A_PAGE, MOST_ON_A_PAGE))}
    if status is not None:
        asked["status"] = status
    while True:
        page = desk.call("GET", *USERS, query=asked)
        yield from page["users"]
        if not page.get("cursor"):
            return
        asked["cursor"] = page["cursor"]


def _desk(sandbox: bool | None) -> Desk:
    return Desk(target.find(sandbox))


def _said(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason}
