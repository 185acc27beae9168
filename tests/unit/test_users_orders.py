"""Whatever is done in whatever order, and side by side: one owner each, and the gate knows all."""

from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from telematics.errors import TelematicsError
from telematics.users.directory import Directory
from telematics.users.items import CLOSED, PREFIX
from telematics.users.user import LEGAL, Status, User
from tests.unit.user_world import NOW, UserWorld

USERS = st.sampled_from(["anna", "ben", "carl"])
PROVIDERS = st.sampled_from(["move", "sentiance"])
NAMES = st.sampled_from(["x", "y"])
LINKS = st.dictionaries(PROVIDERS, NAMES)
Step = Callable[[Directory], object]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda id, links: lambda it: it.add(id, links, now=NOW), USERS, LINKS),
    st.builds(lambda *link: lambda it: it.link(*link), USERS, PROVIDERS, NAMES),
    st.builds(lambda id, provider: lambda it: it.unlink(id, provider), USERS, PROVIDERS),
    st.builds(lambda id: lambda it: it.block(id, now=NOW), USERS),
    st.builds(lambda id: lambda it: it.unblock(id, now=NOW), USERS),
    st.builds(lambda id: lambda it: it.erase(id, now=NOW), USERS),
    st.builds(lambda id: lambda it: it.enlist(id, "p"), USERS),
    st.builds(lambda *name: lambda it: it.remember(*name), USERS, PROVIDERS, NAMES),
    st.builds(lambda id: lambda it: it.bury(id, erasure_id="e", now=NOW), USERS),
)


class Orders(RuleBasedStateMachine):
    """Three people, two providers with two names each."""

    reached: ClassVar[set[Status]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.world = UserWorld()
        self.were: dict[str, Status] = {}
        self.buried: set[str] = set()

    @rule(step=STEPS)
    def one_after_another(self, step: Step) -> None:
        before = dict(self.world.table.items)
        try:
            step(self.world.directory)
        except TelematicsError:
            assert self.world.table.items == before

    @rule(step=STEPS, faster=STEPS)
    def side_by_side(self, step: Step, faster: Step) -> None:
        """The faster one is done when the other has read everything and is about to write."""
        self.world.table.before_commit = lambda: self._attempt(faster)
        self._attempt(step)
        self.world.table.before_commit = lambda: None

    def _attempt(self, step: Step) -> None:
        try:
            step(self.world.directory)
        except TelematicsError:
            return
        finally:
            self._follow()

    @invariant()
    def every_identity_has_one_owner_and_the_owners_status(self) -> None:
        users = self._users()
        owned = [(self._place(*one), user) for user in users.values() for one in user.identities]
        assert len({place for place, _ in owned}) == len(owned)
        alive = {
            one["user_id"]: one for one in self.world.identity_items() if one["status"] != "erased"
        }
        assert {place: (user.user_id, str(user.status)) for place, user in owned} == {
            place: (one["owner"], one["status"]) for place, one in alive.items()
        }

    @invariant()
    def the_gate_has_all_who_are_not_active_and_nobody_else(self) -> None:
        closed = {id for id, one in self.world.table.items.items() if one.get("gate") == CLOSED}
        leaving = (one for one in self._users().values() if one.status is not Status.ACTIVE)
        expected = {self._place(*one) for user in leaving for one in user.identities}
        assert closed == expected | self.buried
        assert all("gate" not in one for one in self.world.user_items())

    @invariant()
    def only_legal_transitions_were_made(self) -> None:
        self._follow()
        assert self.buried <= set(self.world.table.items)  # for good

    def _follow(self) -> None:
        """Between two looks at the table at most one step was made."""
        are = {id: one.status for id, one in self._users().items()}
        for id, status in self.were.items():
            then = are.get(id, Status.ERASED)
            assert then is status or then in LEGAL[status], (status, then)
        self.were = are
        self.buried |= {
            one["user_id"] for one in self.world.identity_items() if one["status"] == "erased"
        }
        self.reached.update(Status(one["status"]) for one in self.world.table.items.values())

    def _users(self) -> dict[str, User]:
        found = (self.world.directory.get(one["user_id"]) for one in self.world.user_items())
        return {one.user_id: one for one in found if one}

    def _place(self, provider: str, id: str) -> str:
        return f"{PREFIX}{self.world.identities.of(provider, id)}"


@pytest.mark.fault("reorder", of=("users",))
def test_any_order_of_calls_leaves_every_identity_with_one_owner_and_in_its_place() -> None:
    Orders.reached.clear()
    run_state_machine_as_test(
        Orders, settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )
    assert Orders.reached == set(Status)  # it has been everywhere
