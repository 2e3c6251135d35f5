"""Reading the small files that a team keeps beside its manifests."""

import os
import stat

from kubectl_meshfix.errors import UsageError

LARGEST = 5_000_000
"""Bytes: a baseline of some 30,000 findings."""


def text_of(file: str, what: str) -> str:
    """A file's text. Raises UsageError where it cannot be had; a named pipe is refused, because to open it may take forever."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if stat.S_ISDIR(status.st_mode):
                raise UsageError(f"{file} is a folder, not {what}.", "Name the file in it.")
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{file} is not a regular file, and cannot be {what}.", "Copy it into a file first.")
            content = stream.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise UsageError(f"{file} does not exist; {what} was expected there.", "Check the name and the folder you are in.") from error
    except IsADirectoryError as error:
        raise UsageError(f"{file} is a folder, not {what}.", "Name the file in it.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if len(content) > LARGEST:
        raise UsageError(f"{file} has more than {LARGEST // 1_000_000} MB, and cannot be {what}.", "Check the name.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file}:{line}: This is not UTF-8 text, and cannot be {what}.", "Save it as UTF-8.") from error
    return text
