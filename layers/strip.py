"""Take out of installed packages what Lambda never reads."""

import shutil
import struct
from pathlib import Path

# pyarrow.parquet imports substrait, so that stays. Of the three copies of each of its own
# libraries the loader asks for the one with the short version.
NEVER_READ = (
    "bin",
    "fb303",
    "hive_metastore",
    "**/tests",
    "**/*.dist-info/RECORD",
    "**/*.dist-info/INSTALLER",
    "**/*.dist-info/REQUESTED",
    "**/*.dist-info/WHEEL",
    "**/*.dist-info/direct_url.json",
    "**/*.dist-info/sboms",
    "**/*.h",
    "**/*.hpp",
    "**/*.pxd",
    "**/*.pxi",
    "**/*.pyi",
    "**/*.pyx",
    "pyarrow/**/*.cc",
    "pyarrow/include",
    "pyarrow/includes",
    "pyarrow/src",
    "pyarrow/libarrow*.so",
    "pyarrow/libarrow*.so.*.*",
    "pyarrow/*flight*",
    "pyarrow/*orc*",
)
_ELF64_LITTLE_ENDIAN = b"\x7fELF\x02\x01"


def strip(folder: Path) -> None:
    for pattern in NEVER_READ:
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    for library in folder.rglob("*.so*"):
        library.write_bytes(without_symbols(library.read_bytes()))


def without_symbols(library: bytes) -> bytes:
    """A shared library up to the end of what its program headers load.

    Behind it are only symbol tables and debug information, which the dynamic loader never looks
    at. Works for a library of any machine type, and needs no tool of that machine.
    """
    if not library.startswith(_ELF64_LITTLE_ENDIAN):
        return library
    programs, _, _, _, size, count = struct.unpack_from("<QQIHHH", library, 32)
    end = programs + size * count
    for at in range(programs, programs + size * count, size):
        offset, in_file = struct.unpack_from("<Q16xQ", library, at + 8)
        end = max(end, offset + in_file)
    stripped = bytearray(library[:end])
    struct.pack_into("<Q", stripped, 40, 0)  # where the section headers were
    struct.pack_into("<HH", stripped, 60, 0, 0)  # how many, and which one held their names
    return bytes(stripped)
