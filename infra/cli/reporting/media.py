"""Footage and stills: fetched, verified, and put into the page or beside it."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from infra.cli.reporting.custody import Bucket, Sealed
from infra.cli.reporting.findings import Clip

PICTURES = ("image/jpeg", "image/png", "image/webp")
VIDEOS = ("video/mp4", "video/webm")
_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4"}
PIECE_BYTES = 3 << 18  # base64 takes three bytes at a time


@dataclass(frozen=True)
class File:
    """One that is kept. `place` is its copy here; it is beside the page where that has a name."""

    sealed: Sealed
    clip: Clip | None
    place: Path
    beside: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.sealed.key).name

    @property
    def type(self) -> str:
        """As it was stored; by its name where nobody said."""
        told = self.sealed.content_type.split(";")[0].strip().lower()
        return told if told in (*PICTURES, *VIDEOS) else _TYPES.get(Path(self.name).suffix, told)

    @property
    def is_picture(self) -> bool:
        return self.type in PICTURES

    @property
    def is_video(self) -> bool:
        return self.type in VIDEOS

    @property
    def is_shown(self) -> bool:
        return self.is_picture or self.is_video

    def source(self) -> Iterator[str]:
        """Where a page finds it: itself, or the file beside it."""
        if self.beside:
            yield self.beside
            return
        yield f"data:{self.type};base64,"
        with self.place.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield base64.b64encode(piece).decode()


@dataclass(frozen=True)
class Shelf:
    """Copies go into `folder`; of all together `most_bytes` go into the page."""

    bucket: Bucket
    provider: str
    folder: Path
    prefix: str
    most_bytes: int

    def fetch(self, clips: Iterable[Clip], events: Iterable[str]) -> Iterator[File]:
        """All that is kept in the folder of each; the shortest first, so that most fits."""
        found = self._keys(list(clips), events)
        fetched = [
            self._fetched(number, key, clip)
            for number, (key, clip) in enumerate(sorted(found.items()))
        ]
        left = self.most_bytes
        for one in sorted(fetched, key=lambda file: (file.is_video, file.sealed.bytes)):
            takes = one.sealed.bytes if one.is_shown else 0
            fits = takes <= left
            left -= takes if fits else 0
            yield one if fits else self._aside(one)

    def _keys(self, clips: Sequence[Clip], events: Iterable[str]) -> dict[str, Clip | None]:
        """Not all that there might be of an event is kept; what has a digest on record is."""
        folders = {f"{self.provider}/{one}/" for one in (*events, *(one.clip_id for one in clips))}
        by_key = {one.media_key: one for one in clips if one.media_key}
        kept = {key for folder in folders for key in self.bucket.keys(folder)}
        kept |= {key for key, clip in by_key.items() if clip.sha256}
        return {key: by_key.get(key) for key in kept}

    def _fetched(self, number: int, key: str, clip: Clip | None) -> File:
        place = self.folder / f"{number}"
        recorded = clip.sha256 or "" if clip else ""
        with place.open("wb") as file:
            sealed = self.bucket.sealed(key, recorded, into=file)
        return File(sealed, clip, place)

    def _aside(self, file: File) -> File:
        suffix = PurePosixPath(file.name).suffix
        name = f"{self.prefix}-{file.sealed.sha256[:16]}{suffix}"
        return File(file.sealed, file.clip, file.place, beside=name)
