"""A folder as a tar.gz that krew unpacks, the same bytes for the same folder.

krew refuses links and any name with ``..`` in it (`pkg/../internal/download/downloader.go extractTARGZ`), so links are followed.
"""

import gzip
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path


def pack(folder: Path, target: Path, seconds: int) -> None:
    """Write ``target`` from all files below ``folder``, at its root, dated ``seconds`` since 1970 and owned by nobody in particular.

    Raises ValueError for a name that krew refuses.
    """
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for path in _files(folder):
            name = path.relative_to(folder).as_posix()
            if ".." in name:
                raise ValueError(f"krew refuses to unpack {name}")
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            entry.mtime = seconds
            with path.open("rb") as content:
                archive.addfile(entry, content)


def _files(folder: Path) -> Iterator[Path]:
    """Every file, in the order of their names; what a link leads to as if it stood there."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
