"""An object has arrived in raw: load it once, and account for it in the ledger."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from telematics import convert, lake, ledger
from telematics.errors import DamagedDownload
from telematics.observability import logger
from telematics.raw import RawKey
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

LEASE = timedelta(minutes=16)  # longer than a function can run


@dataclass(frozen=True)
class Arrival:
    """S3's word, through EventBridge, that an object was created."""

    key: str

    @classmethod
    def from_event(cls, event: dict[str, Any]) -> "Arrival":  # Any: the event is S3's
        return cls(key=event["detail"]["object"]["key"])


def take_in(arrival: Arrival) -> None:
    """Raises Busy while another version of the object is being loaded."""
    key = RawKey.parse(arrival.key)
    stored = _get(arrival.key)
    if stored is None:
        logger.info("object is gone", extra={"raw_key": arrival.key})
        return
    etag = stored["ETag"].strip('"')
    now = datetime.now(UTC)
    accounts = ledger.deployed()
    if accounts.claim(key, etag, now=now, lease=LEASE) is not ledger.Claim.TAKEN:
        logger.info("object is loaded or being loaded", extra={"raw_key": arrival.key})
        return
    _load(key, stored, etag, now)
