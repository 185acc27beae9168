"""The raw zone: exact bytes, under a key that is spelt from the identity of what they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self
from urllib.parse import quote, unquote

from telematics.errors import MalformedPayload

_KEY = re.compile(
    r"(?P<provider>[a-z_]+)/(?P<dataset>[a-z0-9_]+)/day=(?P<day>\d{4}-\d{2}-\d{2})"
    r"/(?P<identity>[^/.]+)\.(?P<extension>[^/]+)"
)


@dataclass(frozen=True)
class RawKey:
    """`<provider>/<dataset>/day=<YYYY-MM-DD>/<identity>.<ext>`.

    `day` is the day of the provider's file or delivery, not the day on which somebody drove.
    """

    provider: str
    dataset: str
    day: date
    identity: str
    extension: str

    @property
    def file_name(self) -> str:
        return f"{quote(self.identity, safe='').replace('.', '%2E')}.{self.extension}"

    @property
    def file(self) -> str:
        """The key's place in the ledger: `<day>/<dataset>/<identity>.<ext>`."""
        return f"{self.day.isoformat()}/{self.dataset}/{self.file_name}"

    def __str__(self) -> str:
        return f"{self.provider}/{self.dataset}/day={self.day.isoformat()}/{self.file_name}"

    @classmethod
    def parse(cls, key: str) -> Self:
        parts = _KEY.fullmatch(key)
        if parts is None:
            raise MalformedPayload(f"not a key of the raw zone: {key}")
        try:
            day = date.fromisoformat(parts["day"])
        except ValueError as error:
            raise MalformedPayload(f"no such day in the raw zone's key {key}") from error
        return cls(
            provider=parts["provider"],
            dataset=parts["dataset"],
            day=day,
            identity=unquote(parts["identity"]),
            extension=parts["extension"],
        )


@dataclass(frozen=True)
class Provenance:
    """Where an object in raw came from; kept as its metadata."""

    sha256: str
    fetched_at: str
    request_id: str = ""

    def metadata(self) -> Mapping[str, str]:
        return {
            "sha256": self.sha256,
            "fetched-at": self.fetched_at,
            "provider-request-id": self.request_id,
        }
