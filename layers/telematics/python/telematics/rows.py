"""Which module turns a provider's raw objects into rows."""

import io
from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

from telematics.catalog import PROVIDERS
from telematics.columns import Chunk
from telematics.errors import MalformedPayload
from telematics.raw import RawKey
from telematics.reading import Reading


class Reader(Protocol):
    """A raw object, decompressed, as chunks of rows, each with the dataset it belongs to."""

    def __call__(
        self, key: RawKey, stream: io.BufferedReader, reading: Reading
    ) -> Iterator[tuple[str, Chunk]]: ...


def reader(provider: str) -> Reader:
    """The provider's `rows.chunks`, imported only where rows are made."""
    if provider not in PROVIDERS:
        raise MalformedPayload(f"no provider is called {provider!r}")
    module = import_module(f"telematics.providers.{provider}.rows")
    return cast(Reader, module.chunks)
