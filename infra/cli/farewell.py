"""A farewell in the sandbox: somebody is registered, blocked, and erased with a receipt."""

from contextlib import suppress
from dataclasses import dataclass

from infra.cli import receipts
from infra.cli.desk import Answer, Desk, Gone
from infra.cli.exits import CommandError
from infra.cli.receipts import Receipt
from infra.cli.target import Deployment

USER = "driver-0002"
USERS = ("v1", "users")
PROVIDER = "move"  # calls them as we do
WHY = {"reason": "the demo"}


@dataclass(frozen=True)
class Farewell:
    """Of somebody of whom the lake has trips."""

    deployment: Deployment

    def block(self) -> Answer | None:
        """None where a demo before has erased them."""
        desk = Desk(self.deployment)
        with suppress(CommandError):  # registered before
            desk.call("POST", *USERS, body={"user_id": USER, **WHY})
            place = (*USERS, USER, "links", PROVIDER)
            desk.call("PUT", *place, body={"provider_user_id": USER})
        try:
            return desk.call("POST", *USERS, USER, "block", body=WHY)
        except Gone:
            return None

    def erase(self) -> Receipt:
        """The same receipt again where there is one."""
        desk = Desk(self.deployment)
        try:
            desk.call("DELETE", *USERS, USER, body=WHY)
        except Gone:
            return receipts.of(desk, USER)
        return receipts.awaited(desk, USER)
