"""Users as the customer makes and deletes them: codes that were given out, and who is gone."""

from datetime import timedelta

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.sentiance.settings import Settings

CODE_LIVES = timedelta(minutes=10)


class Users:
    """Whoever was deleted is gone for good; again is nothing new."""

    def __init__(self, settings: Settings) -> None:
        self._now = settings.now
        self._codes: dict[str, int] = {}
        self._deleted: set[str] = set()

    def code(self, external_id: str) -> dict[str, str]:
        """Another one each time."""
        number = self._codes[external_id] = self._codes.get(external_id, 0) + 1
        until = (self._now() + CODE_LIVES).isoformat(timespec="milliseconds")
        return {
            "authentication_code": identity(32, external_id, str(number), "code"),
            "expires_at": until.replace("+00:00", "Z"),
        }

    def delete(self, id: str) -> str:
        self._deleted.add(id)
        return identity(32, id, "deletion")

    def told(self) -> dict[str, list[str]]:
        return {"linked": sorted(self._codes), "deleted": sorted(self._deleted)}
