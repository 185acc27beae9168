"""`telematics user`: every command against the real desk, which is in memory."""

import hashlib
import io
import json
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from infra.cli import desk as cli_desk
from infra.cli import user
from telematics.errors import ProviderBusy
from tests.unit import private_api
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.in_process import InProcess
from tests.unit.test_cli_move import signed_in
from tests.unit.user_desk import UserDesk, desk

__all__ = ["desk", "telematics"]

Run = Callable[..., Ended]
WHY = ("--reason", "as they asked")


class Watched(InProcess):
    """`before` each call something may happen in the stack."""

    before: Callable[[httpx.Request], None] = staticmethod(lambda _: None)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.before(request)
        return super().handle_request(request)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Watched:
    place = httpx.URL(signed_in().api_url).path
    api = Watched(Starlette(routes=[Mount(place, app=private_api.create())]))
    monkeypatch.setattr(cli_desk, "client", lambda **_: httpx.Client(transport=api))
    return api


@pytest.fixture
def run(telematics: Program, desk: UserDesk, api: Watched) -> Run:

    def call(*arguments: str) -> Ended:
        return telematics("user", *arguments, stack=signed_in())

    return call


def test_somebody_is_added_and_their_apps_credentials_are_shown(run: Run, desk: UserDesk) -> None:
    ended = run("add", "anna", "--link", "move", "--dashcam", "d-1")
    assert ended.code == 0
    assert "anna is active since" in ended.out
    assert "linked: move=anna, dashcam=d-1" in ended.out
    assert "token: move-secret-1" in ended.out
    assert desk.show().told["links"] == {"move": "anna", "dashcam": "d-1"}


def test_the_same_command_again_gives_new_credentials(run: Run) -> None:
    add = ("add", "anna", "--move", "m-1", "--json")
    first, again = (json.loads(run(*add).out) for _ in range(2))
    assert (first["revision"], again["revision"]) == (1, 1)
    assert first["credentials"] != again["credentials"]
    refused = run("add", "anna")
    assert (refused.code, refused.out) == (1, "")
    assert "somebody is registered under that id (409)" in refused.err


@pytest.mark.parametrize(
    "spelt",
    [
        ("--link", "move=m-1", "--link", "sentiance"),
        ("--move", "m-1", "--link", "sentiance"),
        ("--link", "move=m-1", "--move", "m-1", "--link", "sentiance"),
    ],
)
def test_links_are_spelt_in_several_ways(run: Run, desk: UserDesk, spelt: tuple[str, ...]) -> None:
    assert run("add", "anna", *spelt).code == 0
    assert desk.show().told["links"] == {"move": "m-1"}
    assert desk.sentiance.told == [("register", "anna", "")]


@pytest.mark.parametrize(
    ("spelt", "why"),
    [
        (("--link", "acme=1"), "there is no provider 'acme': choose one of sentiance, move"),
        (("--link", "move="), "names no id"),
        (("--link", "move=a", "--move", "b"), "there are two links to move"),
        (("--link", "move=a:b"), "links.move: an id has 1 to 100 printable characters"),
        (("--link", "dashcam"), "a link to dashcam needs what dashcam calls them"),
    ],
)
def test_a_link_that_is_none_is_refused(
    run: Run, desk: UserDesk, spelt: tuple[str, ...], why: str
) -> None:
    ended = run("add", "anna", *spelt)
    assert ended.code == 2
    assert why in ended.err
    assert desk.show().status == 404


@pytest.mark.parametrize(
    "spelt", [("move", "m-1"), ("--move", "m-1"), ("--link", "move=m-1"), ("move=m-1",)]
)
def test_somebody_is_linked_later(run: Run, desk: UserDesk, spelt: tuple[str, ...]) -> None:
    run("add", "anna")
    assert run("link", "anna", *spelt).code == 0
    assert desk.show().told["links"] == {"move": "m-1"}
    assert run("unlink", "anna", "move").code == 0
    assert desk.show().told["links"] == {}


@pytest.mark.parametrize("spelt", [(), ("move", "a", "--dashcam", "b")])
def test_one_link_at_a_time(run: Run, spelt: tuple[str, ...]) -> None:
    ended = run("link", "anna", *spelt)
    assert (ended.code, "name one link" in ended.err) == (2, True)


def test_whoever_is_blocked_is_blocked_at_once_and_the_rest_is_told(
    run: Run, desk: UserDesk
) -> None:
    run("add", "anna", "--move", "m-1", "--dashcam", "d-1")
    desk.move.fails = ProviderBusy("MOVE answered 503")
    ended = run("block", "anna", *WHY)
    assert ended.code == 3
    assert "anna is blocked since" in ended.out
    assert "dashcam has no call for it: gated here" in ended.out
    assert "move does not know of it: MOVE answered 503; repeat the command" in ended.err

    desk.move.fails = None
    told = json.loads(run("block", "anna", *WHY, "--json").out)
    assert told["providers"] == {"move": "told", "dashcam": "gated_here"}
    assert run("unblock", "anna", *WHY).code == 0
    assert desk.show().told["status"] == "active"


@pytest.mark.parametrize("command", ["block", "unblock", "erase"])
def test_a_change_has_a_reason(run: Run, command: str) -> None:
    ended = run(command, "anna")
    assert (ended.code, "--reason" in ended.err) == (2, True)


def test_people_are_shown_with_what_was_done(run: Run, desk: UserDesk) -> None:
    run("add", "anna")
    run("block", "anna", *WHY)
    shown = run("show", "anna", "--log").out
    assert "as they asked" in shown
    assert "ClaimsDesk" in shown
    told = json.loads(run("show", "anna", "--log", "--json").out)
    assert [one["action"] for one in told["access_log"]] == ["add", "block"]
    assert "access_log" not in json.loads(run("show", "anna", "--json").out)
    assert run("show", "nobody").code == 1


def test_people_are_listed_however_many_there_are(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user, "MOST_ON_A_PAGE", 2)
    for one in ("anna", "bert", "cleo"):
        run("add", one)
    run("block", "bert", *WHY)
    ids = [one["user_id"] for one in json.loads(run("list", "--json").out)]
    assert ids == ["anna", "cleo", "bert"]
    assert len(json.loads(run("list", "--limit", "1", "--json").out)) == 1
    blocked = run("list", "--status", "blocked").out
    assert "bert" in blocked
    assert "anna" not in blocked
    assert run("list", "--status", "odd").code == 2


def test_nobody_is_erased_who_was_not_meant(
    run: Run, desk: UserDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", "anna")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = run("erase", "anna", *WHY)
    assert (ended.code, "is removed for good" in ended.err) == (2, True)
    assert desk.show().told["status"] == "active"


def keep_receipt(desk: UserDesk, user_id: str) -> None:
    """As the end of an erasure does."""
    found = {"rows": {"move_points": 3}, "raw_objects": 1, "raw_records": 2}
    body = json.dumps(
        {
            "erasure_id": "e-1",
            "requested_at": "2024-03-05T07:12:30.000Z",
            "ended_at": "2024-03-05T07:13:30.000Z",
            "providers": {"move": "revoked"},
            "manual_tasks": [],
            "notes": [],
            "found": {**found, "media_files": 0, "tasks": 0},
            "verified": {"objects": 9, "bytes": 99, "items": 9, "remaining": 0},
        }
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    desk.world.log.write(
        desk.world.identities.ours(user_id),
        action="erased",
        by="telematics",
        reason=f"sha256 {digest}",
        now=desk.now(),
        result=body,
    )


def test_nobody_who_is_still_there_has_a_receipt(run: Run, desk: UserDesk) -> None:
    run("add", "anna")
    said = run("receipt", "anna")
    assert said.code == 1
    assert "nobody of that id was erased" in said.err


def test_an_erasure_is_waited_for(run: Run, desk: UserDesk, api: Watched) -> None:
    run("add", "anna")
    looked: list[str] = []

    def worked_on(request: httpx.Request) -> None:
        looked.append(request.method)
        if looked.count("GET") == 3:
            keep_receipt(desk, "anna")
            desk.world.directory.bury("anna", erasure_id="e-1", now=desk.now())

    api.before = worked_on
    ended = run("erase", "anna", *WHY, "--yes", "--wait", "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["status"] == "erased"
    assert told["receipt"]["found"]["rows"] == {"move_points": 3}
    assert looked == ["DELETE", "GET", "GET", "GET", "GET"]  # the last for the receipt
    assert "rows of move_points" in run("receipt", "anna").out
    gone = run("show", "anna")
    assert (gone.code, "the user is erased" in gone.err) == (1, True)
    assert "erase" in run("show", "anna", "--log").out


def test_an_id_is_one_part_of_the_path_whatever_it_looks_like(run: Run, desk: UserDesk) -> None:
    for one in ("a b?c#d", "%2F", "ü"):
        assert run("add", one).code == 0
        assert json.loads(run("show", one, "--json").out)["user_id"] == one
    assert run("add", "a/b").code == 2
