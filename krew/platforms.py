"""What krew calls the machine this runs on, and what an archive for a machine is called: ``python -m krew.platforms`` for this one."""

import platform
import re
import sys
from typing import NamedTuple

SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
ARCHIVE = re.compile(r"meshfix_(?P<os>linux|darwin|windows)_(?P<arch>amd64|arm64)\.tar\.gz")


class Platform(NamedTuple):
    """An operating system and an architecture, as krew's selectors name them."""

    os: str
    arch: str

    @property
    def program(self) -> str:
        """The program's file in the archive."""
        return "kubectl-meshfix.exe" if self.os == "windows" else "kubectl-meshfix"

    @property
    def archive(self) -> str:
        """The archive's file name."""
        return f"meshfix_{self.os}_{self.arch}.tar.gz"

    @property
    def materials(self) -> str:
        """The file name of its bill of materials."""
        return f"meshfix_{self.os}_{self.arch}.cdx.json"


def here() -> Platform:
    """The platform of this machine. Raises ValueError for one that no archive is made for."""
    try:
        return Platform(SYSTEMS[sys.platform], MACHINES[platform.machine().lower()])
    except KeyError as error:
        raise ValueError(f"There is no archive for {sys.platform} on {platform.machine()}") from error


def of(name: str) -> Platform:
    """The platform of an archive. Raises ValueError for another name."""
    found = ARCHIVE.fullmatch(name)
    if not found:
        raise ValueError(f"{name} is not named meshfix_OS_ARCH.tar.gz")
    return Platform(found["os"], found["arch"])


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{here().archive}\n")
    except ValueError as error:
        sys.exit(f"error: {error}.")
