"""What the desk tells whoever is to give somebody all that is held of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from telematics.desk import Told
from telematics.users.changing import Exported
from telematics.users.user import Status


class IdentityShown(Told):
    """A name of somebody: the provider's, or our own where `provider` is `telematics`."""

    provider: str
    provider_user_id: str


class ExportNoted(Told):
    """Under which names it is found; `by` is the role that is given it."""

    user_id: str
    status: Status
    since: datetime
    created_at: datetime
    identities: Sequence[IdentityShown]
    at: datetime
    by: str

    @classmethod
    def of(cls, exported: Exported, *, by: str) -> Self:
        user = exported.user
        return cls(
            user_id=user.user_id,
            status=user.status,
            since=user.since,
            created_at=user.created_at,
            identities=[
                IdentityShown(provider=one.provider, provider_user_id=one.id)
                for one in exported.identities
            ],
            at=exported.at,
            by=by,
        )
