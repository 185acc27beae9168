"""The desk of users: what each call answers and leaves behind, and how it is refused."""

import json
from collections.abc import Callable

import pytest

from telematics.errors import MissingSetting, ProviderBusy
from tests.unit.private_call import Answered
from tests.unit.user_desk import UserDesk, desk

__all__ = ["desk"]

LONG = "x" * 101


def test_somebody_is_registered_here_and_at_the_provider(desk: UserDesk) -> None:
    status, told, _ = desk.add(move="m-1", dashcam="d-1")

    assert status == 201
    assert (told["user_id"], told["status"], told["revision"]) == ("anna", "active", 1)
    assert told["links"] == {"move": "m-1", "dashcam": "d-1"}
    assert told["providers"] == {"move": "told"}
    assert told["credentials"] == {"move": {"token": "move-secret-1"}}
    assert desk.move.told == [("register", "anna", "m-1")]
    assert desk.show().told["links"] == told["links"]
    assert desk.done() == [("add", "active, move: told")]


def test_credentials_are_told_once_and_kept_nowhere(desk: UserDesk) -> None:
    assert "move-secret" in json.dumps(desk.add(move="m-1").told)
    assert "move-secret" not in json.dumps(desk.show().told)
    kept = [desk.world.table.items, desk.world.log_table.items, desk.tasks.items, desk.bus.put]
    assert "move-secret" not in repr(kept)


def test_a_link_without_a_name_is_our_own_name_or_one_that_the_provider_will_tell(
    desk: UserDesk,
) -> None:
    told = desk.add(move=None, sentiance=None).told

    assert told["links"] == {"move": "anna"}
    assert set(told["credentials"]) == {"move", "sentiance"}
    assert desk.sentiance.told == [("register", "anna", "")]
    assert desk.link("sentiance", "5f0c9e2b7d1a4c3e8b6f0a12").told["links"]["sentiance"]


def test_a_provider_that_fails_is_named_and_the_user_is_there_all_the_same(
    desk: UserDesk,
) -> None:
    desk.move.fails = ProviderBusy("MOVE answered 503")
    desk.sentiance.fails = MissingSetting("Sentiance is not configured")
    status, told, _ = desk.add(move="m-1", sentiance=None)

    assert status == 201
    assert told["providers"] == {"move": "failed", "sentiance": "failed"}
    assert told["reasons"]["move"] == "MOVE answered 503"
    assert told["credentials"] == {}
    desk.move.fails = None
    assert desk.link("move", "m-1").told["credentials"]["move"] == {"token": "move-secret-1"}


def test_the_same_key_is_the_same_call_with_fresh_credentials(desk: UserDesk) -> None:
    first = desk.add(key="k-1", move="m-1")
    again = desk.add(key="k-1", move="m-1")

    assert (first.status, again.status) == (201, 201)
    assert again.told["credentials"] != first.told["credentials"]
    same = {"user_id", "status", "since", "created_at", "links", "revision", "providers"}
    assert {name: again.told[name] for name in same} == {name: first.told[name] for name in same}
    refused = desk.add("bert", key="k-1")
    assert (refused.status, refused.told["type"]) == (409, "urn:telematics:conflict")
    assert desk.show("bert").status == 404


def test_who_was_registered_by_another_call_is_not_registered_again(desk: UserDesk) -> None:
    desk.add(move="m-1")
    for key in ("", "k-2"):
        before = desk.state
        refused = desk.add(key=key, move="m-1")
        assert (refused.status, refused.told["type"]) == (409, "urn:telematics:already-registered")
        assert desk.state == before


def test_blocking_counts_here_first_and_is_told_to_who_can_be_told(desk: UserDesk) -> None:
    desk.add(move="m-1", dashcam="d-1")
    status, told, _ = desk.turn("block")

    assert (status, told["status"]) == (200, "blocked")
    assert told["providers"] == {"move": "told", "dashcam": "gated_here"}
    assert desk.move.told[-1] == ("block", "m-1")
    assert desk.world.gate().closed("dashcam", "d-1") == "blocked"

    told = desk.turn("unblock").told
    assert (told["status"], told["providers"]["move"]) == ("active", "told")
    assert desk.move.told[-1] == ("unblock", "m-1")
    assert desk.world.gate().is_empty
    assert desk.done() == [
        ("add", "active, move: told"),
        ("block", "blocked, move: told, dashcam: gated_here"),
        ("unblock", "active, move: told, dashcam: gated_here"),
    ]


def test_a_provider_that_was_not_told_of_a_block_is_told_when_it_is_repeated(
    desk: UserDesk,
) -> None:
    desk.add(move="m-1")
    desk.move.fails = ProviderBusy("MOVE answered 503")
    told = desk.turn("block").told
    assert (told["status"], told["providers"], told["reasons"]) == (
        "blocked",
        {"move": "failed"},
        {"move": "MOVE answered 503"},
    )
    assert desk.world.gate().closed("move", "m-1") == "blocked"

    desk.move.fails = None
    again = desk.turn("block").told
    assert (again["since"], again["providers"]) == (told["since"], {"move": "told"})
    assert desk.turn("unblock").status == 200
    assert desk.turn("unblock").told["providers"] == {"move": "told"}


def test_who_is_linked_while_blocked_is_blocked_there_and_gets_no_credentials(
    desk: UserDesk,
) -> None:
    desk.add()
    desk.turn("block")
    told = desk.link("move", "m-1").told
    assert (told["providers"], told["credentials"]) == ({"move": "told"}, {})
    assert desk.move.told == [("block", "m-1")]


def test_an_erasure_begins_with_silence(desk: UserDesk) -> None:
    desk.add(move="m-1")
    status, told, _ = desk.erase()
    assert (status, told["status"]) == (202, "erasing")
    assert desk.world.gate().closed("move", "m-1") == "erasing"
    assert desk.erase().status == 202


def test_the_bus_is_told_of_changes_but_not_of_whom(desk: UserDesk) -> None:
    desk.add(move="m-1")
    desk.turn("block")
    desk.turn("unblock")
    desk.erase()
    assert [(source, name) for source, name, _ in desk.bus.put] == [
        ("telematics.users", "User Registered"),
        ("telematics.users", "User Blocked"),
        ("telematics.users", "User Unblocked"),
        ("telematics.users", "User Erasure Requested"),
    ]
    assert {detail["subject"] for _, _, detail in desk.bus.put} == {
        desk.world.identities.ours("anna")
    }
    assert "anna" not in repr(desk.bus.put)
    assert "m-1" not in repr(desk.bus.put)


def test_the_log_says_who_when_and_why(desk: UserDesk) -> None:
    desk.add()
    desk.turn("block", key="k-1")
    [_, entry] = desk.log().told["entries"]
    assert (entry["by"], entry["reason"]) == ("ClaimsDesk", "as they asked")
    assert entry["request_id"].startswith("key-")
    assert entry["at"] > desk.show().told["created_at"]
    assert "anna" not in repr(desk.world.log_table.items)
    assert "dana" not in repr(desk.world.log_table.items)


def test_whoever_is_linked_and_unlinked_can_be_linked_by_others(desk: UserDesk) -> None:
    desk.add(move="m-1")
    desk.add("bert")
    assert desk.link("dashcam", "d-1").told["links"] == {"move": "m-1", "dashcam": "d-1"}
    assert desk.unlink("dashcam").told["links"] == {"move": "m-1"}
    assert desk.link("dashcam", "d-1", "bert").status == 200


def test_users_are_listed_a_page_at_a_time(desk: UserDesk) -> None:
    for one in ("anna", "bert", "cleo"):
        desk.add(one)
    desk.turn("block", "bert")

    first = desk.call("GET", query={"limit": "2"}).told
    assert [one["user_id"] for one in first["users"]] == ["anna", "cleo"]
    rest = desk.call("GET", query={"limit": "2", "cursor": first["cursor"]}).told
    assert [(one["user_id"], one["status"]) for one in rest["users"]] == [("bert", "blocked")]
    assert rest["cursor"] is None
    active = desk.call("GET", query={"status": "active"}).told["users"]
    assert [one["user_id"] for one in active] == ["anna", "cleo"]


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"status": "x"}, {"cursor": "x"}]
)
def test_a_senseless_list_is_refused(desk: UserDesk, query: dict[str, str]) -> None:
    assert desk.call("GET", query=query).status == 400


SENSELESS: dict[str, Callable[[UserDesk], Answered]] = {
    "an id with a colon": lambda desk: desk.add("a:b"),
    "an id of 101 characters": lambda desk: desk.add(LONG),
    "no id": lambda desk: desk.add(""),
    "an id with a blank before it": lambda desk: desk.add(" a"),
    "an id with a slash": lambda desk: desk.add("a/b"),
    "an id of dots": lambda desk: desk.add(".."),
    "a path with a slash": lambda desk: desk.turn("block", "a/b"),
    "an id of two lines": lambda desk: desk.add("a\nb"),
    "an id that is a number": lambda desk: desk.call("POST", {"user_id": 1}),
    "a link with a colon": lambda desk: desk.add("bert", move="a:b"),
    "a link of 101 characters": lambda desk: desk.add("bert", move=LONG),
    "a link to nobody": lambda desk: desk.add("bert", acme="a"),
    "a link whose name we must know": lambda desk: desk.add("bert", dashcam=None),
    "a field that is none": lambda desk: desk.call("POST", {"user_id": "bert", "name": "Bert"}),
    "no body": lambda desk: desk.call("POST"),
    "a path with a colon": lambda desk: desk.show("a:b"),
    "a path of 101 characters": lambda desk: desk.turn("block", LONG),
    "a link to nobody, later": lambda desk: desk.link("acme", "a"),
    "a link with a colon, later": lambda desk: desk.link("sentiance", "a:b"),
    "no reason": lambda desk: desk.call("POST /{user_id}/block", {}, user_id="anna"),
    "an empty reason": lambda desk: desk.call("DELETE /{user_id}", {"reason": " "}, user_id="anna"),
    "a long reason": lambda desk: desk.call(
        "POST /{user_id}/block", {"reason": "x" * 301}, user_id="anna"
    ),
}


@pytest.mark.parametrize("call", SENSELESS.values(), ids=SENSELESS)
def test_what_makes_no_sense_changes_nothing(
    desk: UserDesk, call: Callable[[UserDesk], Answered]
) -> None:
    desk.add(move="m-1")
    before = desk.state
    status, told, _ = call(desk)
    assert (status, told["type"]) == (400, "urn:telematics:invalid-request")
    assert told["detail"]
    assert LONG not in json.dumps(told)
    assert desk.state == before


REFUSED: dict[str, tuple[Callable[[UserDesk], Answered], int, str]] = {
    "show a stranger": (lambda desk: desk.show("nobody"), 404, "unknown-user"),
    "block a stranger": (lambda desk: desk.turn("block", "nobody"), 404, "unknown-user"),
    "erase a stranger": (lambda desk: desk.erase("nobody"), 404, "unknown-user"),
    "link a stranger": (lambda desk: desk.link("move", "x", "nobody"), 404, "unknown-user"),
    "the log of a stranger": (lambda desk: desk.log("nobody"), 404, "unknown-user"),
    "unlink what is not linked": (lambda desk: desk.unlink("dashcam"), 404, "unknown-link"),
    "unblock who is active": (lambda desk: desk.turn("unblock"), 409, "illegal-transition"),
    "link twice": (lambda desk: desk.link("move", "other"), 409, "already-linked"),
    "register with another's link": (
        lambda desk: desk.add("cleo", move="m-2"),
        409,
        "link-taken",
    ),
    "link another's": (lambda desk: desk.link("dashcam", "d-2"), 409, "link-taken"),
    "block who is leaving": (
        lambda desk: desk.turn("block", "gone"),
        409,
        "illegal-transition",
    ),
    "unblock who is leaving": (
        lambda desk: desk.turn("unblock", "gone"),
        409,
        "illegal-transition",
    ),
    "link who is leaving": (lambda desk: desk.link("move", "x", "gone"), 410, "user-gone"),
    "ask a code for who is leaving": (
        lambda desk: desk.link("sentiance", None, "gone"),
        410,
        "user-gone",
    ),
    "show who is erased": (lambda desk: desk.show("erased"), 410, "user-gone"),
    "block who is erased": (lambda desk: desk.turn("block", "erased"), 410, "user-gone"),
    "erase who is erased": (lambda desk: desk.erase("erased"), 410, "user-gone"),
    "register who is erased": (lambda desk: desk.add("erased"), 410, "user-gone"),
    "link an erased person's": (lambda desk: desk.link("dashcam", "d-3"), 410, "user-gone"),
}


@pytest.mark.parametrize(("call", "code", "kind"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_done_is_refused_precisely_and_changes_nothing(
    desk: UserDesk, call: Callable[[UserDesk], Answered], code: int, kind: str
) -> None:
    desk.add(move="m-1")
    desk.add("bert", move="m-2", dashcam="d-2")
    for one, links in (("gone", {}), ("erased", {"dashcam": "d-3"})):
        desk.add(one, **links)
        desk.erase(one)
    desk.world.directory.bury("erased", erasure_id="e-1", now=desk.now())
    before = desk.state

    status, told, _ = call(desk)

    assert (status, told["type"]) == (code, f"urn:telematics:{kind}")
    assert not {"m-1", "m-2", "d-2", "d-3", "bert"} & set(told["detail"].split())
    assert desk.state == before


def test_the_log_of_who_is_erased_is_still_there(desk: UserDesk) -> None:
    desk.add()
    desk.erase()
    desk.world.directory.bury("anna", erasure_id="e-1", now=desk.now())
    assert [one for one, _ in desk.done()] == ["add", "erase"]


@pytest.mark.fault("full", of=("users",))
def test_a_bus_that_takes_nothing_is_told_again_by_the_same_call(desk: UserDesk) -> None:
    desk.add()
    desk.bus.refuses = True
    assert desk.turn("block").status == 503
    desk.bus.refuses = False
    assert desk.turn("block").status == 200
    assert desk.bus.put[-1][1] == "User Blocked"


def test_whatever_an_id_looks_like_it_is_found_by_it(desk: UserDesk) -> None:
    for one in ("a b", "é", "%2F", "a?b#c", "..a", "🚗"):
        assert desk.add(one).status == 201
        assert desk.show(one).told["user_id"] == one


def test_neither_logs_nor_problems_name_anybody(
    desk: UserDesk, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    desk.add("anna-4711", move="contract-4711")
    desk.turn("block", "anna-4711")
    told = desk.add("bert-4711", move="contract-4711").told
    shown = capsys.readouterr().out + "".join(str(vars(one)) for one in caplog.records)
    assert "call answered" in shown
    assert "4711" not in shown + json.dumps(told)
    assert "move-secret" not in shown


def test_an_export_is_noted_and_told_under_which_names_somebody_is_found(desk: UserDesk) -> None:
    desk.add(move="m-1", dashcam="d-1")
    desk.call("DELETE /{user_id}/links/{provider}", user_id="anna", provider="dashcam")
    status, told, _ = desk.call("POST /{user_id}/export", {"reason": "asked"}, user_id="anna")

    assert status == 200
    names = [(one["provider"], one["provider_user_id"]) for one in told["identities"]]
    assert names == [("telematics", "anna"), ("move", "m-1"), ("dashcam", "d-1")]
    assert desk.done()[-1] == ("exported", "active")
    desk.add("ben", dashcam="d-1")
    told = desk.call("POST /{user_id}/export", {}, user_id="anna").told
    assert "dashcam" not in {one["provider"] for one in told["identities"]}


def test_nobody_is_exported_who_is_unknown_or_leaves(desk: UserDesk) -> None:
    assert desk.call("POST /{user_id}/export", {}, user_id="anna").status == 404
    desk.add()
    desk.call("DELETE /{user_id}", {"reason": "asked"}, user_id="anna")
    assert desk.call("POST /{user_id}/export", {}, user_id="anna").status == 410
    assert desk.done()[-1][0] == "erase"
