"""``diagnose --bundle``: what can be attached to an issue, shown before it is written."""

import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from kubectl_meshfix import engine
from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.work.diagnosing import Diagnosed
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.redaction import bundle
from kubectl_meshfix.redaction.disguise import Disguise
from kubectl_meshfix.render.text.terminal import count, safe
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets.files import replace

SCREEN = "-"


def must_be_seen(file: str) -> None:
    """Raise UsageError where nobody could look at what is written to a file, or its folder is not there."""
    if file != SCREEN and not Path(file).parent.is_dir():
        raise UsageError(f"There is no folder {safe(str(Path(file).parent))}.", "Create it, or name a file in another one.")
    if file != SCREEN and not sys.stdin.isatty():
        raise UsageError(
            "A bundle is shown before it is written, and standard input is not a terminal.", "Write --bundle - and look at it."
        )


def hand_over(found: Diagnosed, file: str) -> None:
    """Print the bundle of a report, and write it to a file if the person who saw it agrees. Raises UsageError."""
    rows = found.report.active
    if not rows:
        raise UsageError("Nothing was found, so there is nothing to put into a bundle.", "Leave --bundle out.")
    disguise = Disguise(key=secrets.token_bytes(16))
    wanted = bundle.marks(rows, disguise)
    text, again = smallest(found.meshes, rows, disguise)
    console.answer(safe(bundle.headed(text, wanted, again)))
    console.say(f"{(wanted & again).total():,} of {count(wanted.total(), 'finding')} can be found again in this bundle.")
    if file != SCREEN and console.confirm(f"Write it to {file}?"):
        replace(Path(file), bundle.headed(text, wanted, again).encode())


def smallest(meshes: Meshes, rows: Sequence[Diagnosis], disguise: Disguise) -> tuple[str, bundle.Marks]:
    """The objects in which most of the findings can be found again, as few as that takes, and what is found in them.

    Raises UsageError where objects of one name stand in several places.
    """
    wanted = bundle.marks(rows, disguise)
    best = ("", bundle.Marks())
    for reach in bundle.Reach:
        objects = bundle.needed(meshes, rows, reach)
        if any(obj.metadata.copy for obj in objects):
            raise UsageError(
                "A bundle is of one environment, and these files hold objects of one name in several.", "Choose the files of one with -f."
            )
        text = bundle.document(objects, disguise)
        again = bundle.marks(engine.diagnose(from_texts({"bundle.yaml": text})[0], RULES).active, None)
        if not best[0] or (wanted & again).total() > (wanted & best[1]).total():
            best = (text, again)
        if wanted <= best[1]:
            break
    return best
