"""What can't be read: kept as rows of a table of its own, with the reason and where it stood."""

from collections.abc import Sequence

import pyarrow as pa

from telematics.columns import BadRow
from telematics.raw import RawKey

SHOWN_CHARACTERS = 16_384
SCHEMA = pa.schema(
    [
        ("provider", pa.string()),
        ("dataset", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("content", pa.string()),
    ]
)


def rows(key: RawKey, bad: Sequence[BadRow]) -> pa.RecordBatch:
    """The whole of a long row stays in raw, under the `raw_key` of its row here."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "provider": key.provider,
                "dataset": key.dataset,
                "line": row.line,
                "reason": row.reason,
                "content": row.content[:SHOWN_CHARACTERS],
            }
            for row in bad
        ],
        SCHEMA,
    )
