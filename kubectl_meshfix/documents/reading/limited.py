"""Files and streams read up to a limit: a device or a pipe has no size, and may have no end."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 100 * 1024 * 1024
"""Of one file. The largest request an API server takes is 3 MiB, but a dump of a cluster is one file."""

MAX_SETTINGS = 10 * 1024 * 1024
"""Of a kubeconfig, a certificate or another file that people and programs configure with."""

_MOSTLY = 64 * 1024
"""Bytes that are asked for first: room is made for all that is asked for."""


class TooLargeError(OSError):
    """There is more to read than the limit; ``strerror`` says so."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(errno.EFBIG, f"it has more than {limit // 2**20} MiB", name)


def read_stream(stream: BinaryIO, name: str, limit: int = MAX_BYTES) -> bytes:
    """All of a stream. Raises TooLargeError before more than ``limit`` bytes are kept, and OSError."""
    content = stream.read(min(limit + 1, _MOSTLY))
    if len(content) == _MOSTLY:
        content += stream.read(limit + 1 - _MOSTLY)
    if len(content) > limit:
        raise TooLargeError(name, limit)
    return content


def read_file(path: str | Path, limit: int = MAX_BYTES, *, only_regular: bool = False) -> bytes:
    """All of a file. Raises TooLargeError before more than ``limit`` bytes are kept, and OSError.

    ``only_regular`` refuses a pipe, a device and a socket, of which opening alone may take for ever.
    """
    if only_regular and not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 -- of a link, what it leads to
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    with open(path, "rb") as stream:  # noqa: PTH123 -- a Path for each of very many files takes longer
        return read_stream(stream, str(path), limit)
