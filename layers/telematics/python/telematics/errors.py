"""Everything that can go wrong, drawn once.

TelematicsError
  x MissingSetting        an environment variable or a field of a secret is not there
  x InvalidRequest        the caller asked for something that makes no sense: say what would
  x MalformedPayload      the object can't become rows; quarantined, never retried
  x NotAuthentic
    + BadSignature        the body and its signature disagree: 401
  x Busy                  somebody else is loading this very object: ask again later
  x UserBlocked           we may not keep data of this user, or ask for any: 403
  x ProviderError
    + ProviderRefused     4xx or a GraphQL error: asking again will not help
      * Forbidden         403: the keys may not, or the person is blocked
      * NotFound          404: the provider knows no such thing, or not yet
    + ProviderBusy        429, 5xx, timeout, broken connection: ask again later
    + DamagedDownload     the bytes are not those that were announced: fetch again
Beside them, each next to what raises it: reading.ReadAgain, events.NotAnnounced, webhooks.Refused,
offloads.sources.FileChanged, links.LinkRefused, requesting.Conflict, clips.clip.UnknownClip and
IllegalTransition, collisions.collision.UnknownCollision and IllegalTransition,
collisions.drivers.NotLinked, clips.probing.NotAVideo, views.NotDefined, users.user (what can't be
done with somebody); and in providers/*/wire.py what one API alone refuses.
"""


class TelematicsError(Exception):
    """What a caller of this package catches."""


class MissingSetting(TelematicsError):
    """An environment variable or a field of a secret is not there."""


class InvalidRequest(TelematicsError):
    """The caller asked for something that makes no sense; the text says what would."""


class MalformedPayload(TelematicsError):
    """The object can't become rows; quarantined, never retried."""


class Busy(TelematicsError):
    """Somebody else is loading this very object: ask again later."""


class NotAuthentic(TelematicsError):
    """Whoever calls has not shown that they may."""


class BadSignature(NotAuthentic):
    """The body and its signature disagree, or there is none: 401."""


class UserBlocked(TelematicsError):
    """We may not keep data of this user, or ask for any: 403."""


class ProviderError(TelematicsError):
    """A provider did not do what we asked."""


class ProviderRefused(ProviderError):
    """4xx, or a GraphQL error: asking again will not help."""


class Forbidden(ProviderRefused):
    """403: our keys may not do this, or the person is blocked."""


class NotFound(ProviderRefused):
    """404: the provider knows no such thing, or does not know it yet."""


class ProviderBusy(ProviderError):
    """429, 5xx, a timeout or a broken connection: ask again later."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class DamagedDownload(ProviderError):
    """The bytes are not those that were announced: truncated, corrupt or of another size."""
