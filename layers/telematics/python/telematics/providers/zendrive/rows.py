"""What Zendrive sent, as rows: its answers to us, and its notifications."""

from datetime import datetime

from telematics import versions
from telematics.errors import MalformedPayload
from telematics.providers.zendrive import details, notices, reads
from telematics.raw import RawKey
from telematics.versions import Contents

READS = ("collision_reads", "trip_reads")


def contents(key: RawKey, body: bytes, fetched_at: datetime) -> Contents:
    """Raises MalformedPayload where nothing at all can be read."""
    found = Contents()
    try:
        body.decode()  # nobody else looks into texts that are skipped
        match key.dataset:
            case "collision_details":
                details.read(found, body, day=key.day, fetched_at=fetched_at)
            case "notifications":
                identity = key.identity
                notices.read(found, body, identity=identity, day=key.day, fetched_at=fetched_at)
            case dataset if dataset in READS:
                reads.read(found, body, day=key.day)
            case unknown:
                raise MalformedPayload(f"no reader for the dataset {unknown!r}")
    except versions.NOT_READABLE as error:
        raise MalformedPayload(f"not what was documented: {error}") from error
    return found
