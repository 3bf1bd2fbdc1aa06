"""Arrow tables as Parquet files that vouch for their own bytes.

The seal is a hash of the whole file, taken with another hash in its place. Who finds it right knows
that every byte is as it was written, need not look at the numbers, and may take one column alone.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

WORDS, SEAL = b"mvtheory", b"mvtheory seal"
"""Metadata of a file."""


@dataclass(frozen=True)
class Opened:
    """What a file holds."""

    table: "pa.Table"
    """Without metadata."""
    rows: int
    """Of the file, whatever columns were read."""
    words: str
    """What was written with it, or nothing."""
    whole: bool
    """Whether its seal was found right: then no byte was changed. Older files have none."""


def packed(table: "pa.Table", words: str = "") -> bytes:
    """A sealed file of a table, and of words that go with it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    place = _sha256(words.encode())
    table = table.replace_schema_metadata({WORDS: words, SEAL: place})
    # Most numbers are measured ones: no dictionary makes them shorter, and lz4, which leaves them
    # about as long as zstd does, is read in two thirds of the time.
    pq.write_table(
        table, sink, compression="lz4", use_dictionary=False, write_statistics=False,
        write_page_checksum=True,
    )  # fmt: skip
    content = sink.getvalue().to_pybytes()
    return content.replace(place, _sha256(content))


def opened(content: bytes, only: str | None = None) -> Opened:
    """Read a file; where its seal is right, of its columns `only` alone, if it is there.

    Raises pyarrow's exceptions, OSError or ValueError for what is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    metadata = file.metadata.metadata or {}
    words, seal = metadata.get(WORDS, b""), metadata.get(SEAL)
    whole = seal is not None and _sha256(content.replace(seal, _sha256(words))) == seal
    asked = None if only is None or not whole else [only]
    # One thread: a file is small, and handing it to others takes longer than reading it.
    table = file.read(asked, use_threads=False).replace_schema_metadata()
    return Opened(table, file.metadata.num_rows, words.decode(), whole)


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
