"""People at MOVE: registered with tokens for their app, blocked by its access service, deleted."""

from collections.abc import Mapping

from pydantic import SecretStr

from telematics import http
from telematics.errors import Forbidden
from telematics.http import Patience
from telematics.providers.move import client
from telematics.providers.move.answers import WHO
from telematics.providers.move.client import Move

# Somebody waits, at most 30 seconds: two attempts fit.
PATIENCE = Patience(attempts=2, total_wait_seconds=3.0)


class MoveUsers:
    """A person's contract is what we call them there; registering again gives new tokens."""

    def __init__(self, api: Move) -> None:
        self._api = api

    def register(self, user_id: str, provider_user_id: str | None) -> Mapping[str, SecretStr]:
        contract = provider_user_id or user_id
        try:
            tokens = self._api.register(contract)
        except Forbidden:
            raise Forbidden(
                f"{WHO} answered 403: the person is blocked there, or the key may not"
            ) from None
        return {
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "audience": SecretStr(tokens.audience),
            "product_id": SecretStr(self._api.product_id),
            "contract_id": SecretStr(contract),
        }

    def block(self, provider_user_id: str, *, blocked: bool) -> None:
        self._api.block(provider_user_id, blocked=blocked)

    def forget(self, provider_user_id: str) -> None:
        """With all their data, for good. Raises NotFound."""
        self._api.delete(provider_user_id)


def forgetting(fields: Mapping[str, SecretStr], *, base_url: str) -> MoveUsers:
    """For whom nobody waits."""
    return MoveUsers(client.connect(fields, base_url=base_url))


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> MoveUsers:
    return MoveUsers(
        client.connect(fields, base_url=base_url, client=http.prompt(), patience=PATIENCE)
    )
