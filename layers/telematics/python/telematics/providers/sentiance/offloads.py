"""Sentiance as a source of offloads."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import httpx
from pydantic import SecretStr

from telematics import http
from telematics.errors import MissingSetting, ProviderRefused
from telematics.http import Patience
from telematics.observability import logger
from telematics.offloads.sources import ListedFile, Listing
from telematics.providers.sentiance.client import File, Offload, Sentiance
from telematics.providers.sentiance.download import Download, FileLink
from telematics.raw import RawKey

PROVIDER = "sentiance"


class SentianceOffloads:
    """Lists with one client, downloads with another that knows no keys."""

    def __init__(
        self,
        api: Sentiance,
        downloads: httpx.Client,
        *,
        schemes: tuple[str, ...] = ("https",),
        patience: Patience | None = None,
    ) -> None:
        self._api = api
        self._downloads = downloads
        self._schemes = schemes
        self._patience = patience

    def list_files(self, *, first: date, last: date) -> Listing:
        listing = self._api.offloads(first=first, last=last)
        asked = [one for one in listing.offloads if first <= one.day <= last]
        elsewhere = len(listing.offloads) - len(asked)
        if listing.senseless or elsewhere:
            counts = {"senseless": listing.senseless, "of_other_days": elsewhere}
            logger.warning("offloads ignored", extra={"first": first, "last": last, **counts})
        found = {file.key: file for offload in merged(asked) for file in _listed(offload)}
        return Listing(tuple(found.values()), listing.senseless + elsewhere)

    def open(self, file: ListedFile) -> Download:
        """Nothing is asked before the `with` block is entered."""
        return Download(self._downloads, lambda: self._link(file), patience=self._patience)

    def _link(self, file: ListedFile) -> FileLink:
        made = self._api.linked(
            file.key.day, file.offload_type, lambda files: chosen(files, file.key, file.size)
        )
        try:
            scheme = httpx.URL(made.url).scheme
        except httpx.InvalidURL:
            scheme = ""  # the error's text would show the link
        if scheme not in self._schemes:
            raise ProviderRefused(f"the link that Sentiance made is not {self._schemes[0]}")
        return FileLink(made.url, made.size)


def merged(offloads: Sequence[Offload]) -> Iterator[Offload]:
    """One offload for each day and type, though it may be listed more than once."""
    by_kind: dict[tuple[date, str], list[File]] = {}
    for offload in offloads:
        by_kind.setdefault((offload.day, offload.type), []).extend(offload.files)
    for (day, kind), files in by_kind.items():
        yield Offload.model_construct(day=day, type=kind, files=tuple(files))


def parts(files: Sequence[File]) -> dict[tuple[str, str], File]:
    """Files by identity and format.

    The same name, format and size twice is one file. With another size it is a further part, which
    gets the next number: `transports`, `transports-2`. Nothing says that parts have other names.
    """
    found: dict[tuple[str, str], File] = {}
    seen: set[tuple[str, str, int | None]] = set()
    count: Counter[tuple[str, str]] = Counter()
    for file in files:
        if (file.name, file.format, file.size) in seen:
            continue
        seen.add((file.name, file.format, file.size))
        place = (file.name, file.format)
        while place in found:
            count[file.name, file.format] += 1
            place = (f"{file.name}-{count[file.name, file.format] + 1}", file.format)
        found[place] = file
    return found


def chosen(files: Sequence[File], key: RawKey, size: int | None) -> File | None:
    """The file that was listed under this key: by its name and size, or else by its position."""
    there = parts(files).get((key.identity, key.extension))
    if there is None or there.size == size:
        return there
    alike = (one for one in files if (one.name, one.format) == (there.name, there.format))
    return next((one for one in alike if one.size == size), there)


def _listed(offload: Offload) -> Iterator[ListedFile]:
    for (identity, extension), file in parts(offload.files).items():
        key = RawKey(PROVIDER, offload.dataset, offload.day, identity, extension)
        yield ListedFile(key, offload.type, file.size)


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> SentianceOffloads:
    """With the fields of Sentiance's secret. Plain links are fine only where the API is plain."""
    scheme = base_url.partition("://")[0].lower()
    if scheme not in ("http", "https"):
        raise MissingSetting("Sentiance's base_url is not one: it looks like https://host")
    api = Sentiance(
        http.api(), base_url=base_url, read_key=fields["read_key"], url_key=fields["url_key"]
    )
    schemes = ("https",) if scheme == "https" else ("https", "http")
    return SentianceOffloads(api, http.downloads(), schemes=schemes)
