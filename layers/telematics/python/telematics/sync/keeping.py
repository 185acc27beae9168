"""Files behind links into the media bucket: each once, whole or not at all, in flat memory."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx

from telematics import http, links
from telematics.errors import DamagedDownload
from telematics.http import Patience
from telematics.links import Followed, Policy
from telematics.media import Media
from telematics.raw import StoredObject, Upload
from telematics.sync.sources import File, Kind

LONGEST_SECONDS = 180.0
LARGEST_TRACK_BYTES = 16 << 20
_UNTYPED = ("application/octet-stream", "binary/octet-stream")
TYPES: Mapping[Kind, Sequence[str]] = {
    Kind.VIDEO: ("video/", *_UNTYPED),
    Kind.SNAPSHOT: ("image/", *_UNTYPED),
    Kind.TRACK: ("text/plain", *_UNTYPED),
}


@dataclass(frozen=True)
class Kept:
    """A file that is in the bucket. `sha256` is empty where it was there before, and not told."""

    sha256: str
    is_new: bool


@dataclass(frozen=True)
class Keeper:
    """What it takes: where media are, and links followed as the policy has it."""

    media: Media
    client: httpx.Client = field(repr=False)
    policy: Policy
    patience: Patience = field(default_factory=lambda: Patience(attempts=3, total_wait_seconds=10))
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def keep(self, key: str, file: File, *, first: Callable[[bytes], None] | None = None) -> Kept:
        """Raises ProviderError. A track goes to `first` before it is stored, and all at once."""
        there = self.media.head(key)
        if there is not None and file.size in (None, there.size):
            return Kept(there.sha256, is_new=False)
        until = self.clock() + LONGEST_SECONDS
        stored = http.patiently(lambda: self._fetched(key, file, first, until), self.patience)
        return Kept(stored.sha256, is_new=True)

    def _fetched(
        self, key: str, file: File, first: Callable[[bytes], None] | None, until: float
    ) -> StoredObject:
        policy = replace(self.policy, types=TYPES[file.kind])
        if first is not None:
            policy = replace(policy, largest_bytes=LARGEST_TRACK_BYTES)
        with (
            links.followed(self.client, policy, file.link) as found,
            self.media.upload(key, content_type=found.content_type, now=self.now()) as upload,
        ):
            self._copy(found, upload, first, until)
            if file.size not in (None, upload.size):
                raise DamagedDownload(f"{upload.size} bytes came, {file.size} were announced")
            return upload.complete()

    def _copy(
        self,
        found: Followed,
        upload: Upload,
        first: Callable[[bytes], None] | None,
        until: float,
    ) -> None:
        held = bytearray()
        for part in found:
            # One that never ends must not keep the others from being fetched.
            if self.clock() > until:
                raise DamagedDownload(f"it took longer than {LONGEST_SECONDS:g} seconds")
            if first is None:
                upload.write(part)
            else:
                held += part
        if first is not None:
            first(bytes(held))
            upload.write(bytes(held))
