"""The rows of an offload file, by its format."""

import io
from collections.abc import Iterator

from telematics import csv_file, json_file
from telematics.catalog import PROVIDERS
from telematics.columns import Chunk
from telematics.errors import MalformedPayload
from telematics.raw import RawKey
from telematics.reading import Reading


def chunks(key: RawKey, stream: io.BufferedReader, reading: Reading) -> Iterator[tuple[str, Chunk]]:
    """Each chunk of rows, with the name of the dataset it belongs to."""
    dataset = PROVIDERS[key.provider].dataset(key.dataset)
    match key.extension.removesuffix(".gz").lower():
        case "csv":
            found = csv_file.chunks(stream, dataset, reading)
        case "json" | "jsonl" | "ndjson":
            found = json_file.chunks(stream, dataset)
        case unknown:
            raise MalformedPayload(f"no reader for the format {unknown!r}: csv and json are read")
    for chunk in found:
        yield key.dataset, chunk
