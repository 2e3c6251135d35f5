"""The licences of everything that goes along in an archive, each in a folder of its component."""

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path
from typing import NamedTuple

_NOTICE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*", re.IGNORECASE)
OWN = "kubectl-meshfix"
UNKNOWN = "see its notice"


class Component(NamedTuple):
    """What goes along.

    ``system`` says who published it, by the type of a package URL: pypi, deb, rpm, or generic where it is no package. The licence is what
    its metadata names; ``spdx``: as an SPDX expression. ``notices`` are the files of its licence.
    """

    system: str
    name: str
    version: str
    licence: str
    spdx: bool
    notices: tuple[Path, ...]

    @property
    def title(self) -> str:
        """Its name and version, as a folder can be called."""
        return f"{self.name}-{self.version}".replace(":", "_").removesuffix("-")


def components(bundle: Path, origins: Mapping[str, str]) -> list[Component]:
    """Everything of others in ``bundle``, sorted. ``origins`` says for each binary file in it which file of this machine it is."""
    return sorted({*_distributions(bundle), _python(), *_libraries(origins)}, key=lambda component: component.title)


def collect(found: Sequence[Component], target: Path) -> list[str]:
    """Copy the notices of components to ``target`` with a list of them; returns the components that have none."""
    target.mkdir()
    for component in found:
        folder = target / component.title
        folder.mkdir(exist_ok=True)
        for notice in component.notices:
            shutil.copyfile(notice, folder / notice.name)
    rows = "".join(f"{component.title}: {component.licence}\n" for component in found)
    (target / "README.txt").write_text(f"{OWN} comes with these, each under its own licence:\n\n{rows}", encoding="utf-8")
    return [component.title for component in found if not component.notices]


def _distributions(bundle: Path) -> Iterator[Component]:
    """The Python packages in the bundle, and PyInstaller, whose loader starts them."""
    owners = packages_distributions()
    names = {name for path in bundle.iterdir() for name in owners.get(path.name.split(".")[0], [])}
    for name in {*names, "pyinstaller"} - {OWN}:
        yield _distribution(distribution(name))


def _distribution(found: Distribution) -> Component:
    files = [file for file in found.files or () if ".dist-info" in file.parts[0] and _NOTICE.fullmatch(file.name)]
    said = found.metadata.json
    expression = said.get("license_expression")
    classifiers = [str(row).rpartition(" :: ")[2] for row in said.get("classifier", ()) if str(row).startswith("License :: ")]
    licence = expression or str(said.get("license") or next(iter(classifiers), UNKNOWN)).splitlines()[0]
    notices = tuple(sorted(Path(str(file.locate())) for file in files))
    return Component("pypi", found.name, found.version, str(licence), bool(expression), notices)


def _python() -> Component:
    """The interpreter and its standard library; what its builders linked into it is named in its own licence."""
    number = f"python{sys.version_info.major}.{sys.version_info.minor}"
    system = [*Path("/usr/share/licenses").glob(f"{number}*"), Path("/usr/share/doc", number)]
    places = [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix), *system]
    found = [place / name for place in places for name in ("LICENSE.txt", "LICENSE", "copyright") if (place / name).is_file()]
    return Component("generic", "python", sys.version.split()[0], "PSF-2.0", True, tuple(found[:1]))


def _libraries(origins: Mapping[str, str]) -> Iterator[Component]:
    """Shared libraries of the system, by the package they were installed with."""
    ours = (Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve())
    for origin in {Path(origin).resolve() for origin in origins.values()}:
        if not any(origin.is_relative_to(folder) for folder in ours):
            yield _debian(origin) or _redhat(origin) or Component("generic", origin.name, "", UNKNOWN, False, ())


def _debian(library: Path) -> Component | None:
    # /lib is a link to /usr/lib, and packages own a file by either name.
    for path in (str(library), str(library).removeprefix("/usr")):
        if owner := _output("dpkg-query", "--search", path):
            package = owner.split(":")[0]
            version = _output("dpkg-query", "--show", "--showformat=${Version}", package)
            notice = Path("/usr/share/doc", package, "copyright")
            return Component("deb", package, version, UNKNOWN, False, (notice,) if notice.is_file() else ())
    return None


def _redhat(library: Path) -> Component | None:
    found = _output("rpm", "--query", "--file", "--queryformat", "%{NAME}\t%{VERSION}-%{RELEASE}\t%{LICENSE}\n", str(library)).splitlines()
    if not found:
        return None
    name, version, licence = found[0].split("\t")
    files = _output("rpm", "--query", "--file", "--licensefiles", str(library)).splitlines()
    return Component("rpm", name, version, licence, False, tuple(path for path in map(Path, _unique(files)) if path.is_file()))


def _unique(names: Iterable[str]) -> list[str]:
    return sorted(set(names))


def _output(*command: str) -> str:
    """What a command prints; nothing where it fails or is not here."""
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
