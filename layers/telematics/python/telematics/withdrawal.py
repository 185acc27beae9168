"""Raw objects without some people: replaced by what is left of them, in every version."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from botocore.exceptions import ClientError

from telematics import sifting
from telematics.ledger import Ledger
from telematics.object_versions import Versions
from telematics.raw import RawKey, Zone, plain_etag
from telematics.sifting import Sifted, Sought

DIGEST_BYTES = 1 << 20
_GONE = ("404", "NoSuchKey", "NotFound")


@dataclass(frozen=True)
class Withdrawal:
    """What is withdrawn from raw is in none of its versions any more.

    The lake is not touched: a replaced object is announced like any other, and loaded again.
    """

    zone: Zone
    ledger: Ledger

    def count(self, key: RawKey, sought: Sought) -> Counter[str]:
        """The records of each subject in it, as it is now."""
        found = self._described(key)
        if found is None:
            return Counter()
        with self._sifted(key, found.etag, sought) as sifted:
            return sifted.removed

    def withdraw(self, key: RawKey, sought: Sought) -> Counter[str]:
        """How many records of each subject are gone with this. Repeats change nothing."""
        versions = Versions(self.zone.client, self.zone.bucket)
        found = self._described(key)
        if found is None:
            versions.delete(versions.of(str(key)))
            return Counter()
        with self._sifted(key, found.etag, sought) as sifted:
            if sifted.is_changed and sifted.rest is not None:
                self.ledger.sifted(key, found.etag, sifted.size)
                self._replace(key, found, sifted.rest)
        nothing_left = sifted.is_changed and sifted.rest is None
        versions.delete(one for one in versions.of(str(key)) if nothing_left or not one.is_latest)
        return sifted.removed

    def _sifted(self, key: RawKey, etag: str, sought: Sought) -> Sifted:
        return sifting.sift(key, self.zone.open(key, etag), sought)

    def _replace(self, key: RawKey, found: "_Described", rest: IO[bytes]) -> None:
        digest = hashlib.sha256()
        for part in iter(lambda: rest.read(DIGEST_BYTES), b""):
            digest.update(part)
        rest.seek(0)
        self.zone.client.put_object(
            Bucket=self.zone.bucket,
            Key=str(key),
            Body=rest,
            Metadata={**found.metadata, "sha256": digest.hexdigest()},
            ContentType=found.content_type,
        )

    def _described(self, key: RawKey) -> "_Described | None":
        try:
            answer = self.zone.client.head_object(Bucket=self.zone.bucket, Key=str(key))
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        return _Described(plain_etag(answer["ETag"]), answer["ContentType"], answer["Metadata"])


@dataclass(frozen=True)
class _Described:
    """What S3 says of an object."""

    etag: str
    content_type: str
    metadata: Mapping[str, str]
