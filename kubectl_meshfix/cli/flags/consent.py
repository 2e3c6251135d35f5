"""Whether a change is made, only tried, or only shown: the flags of every verb that changes something."""

from enum import StrEnum
from typing import Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.resources.meta import Struct


class DryRun(StrEnum):
    """Where changes are tried: nowhere, on this machine, or on the server."""

    NONE = "none"
    CLIENT = "client"
    SERVER = "server"


class Consent(Struct, frozen=True):
    """Whether changes are made after they were shown: ``--dry-run`` and ``--yes``."""

    dry_run: Annotated[
        DryRun,
        typer.Option(
            "--dry-run",
            metavar="[client|server]",
            help="Show all changes and make none. With =server, the API server runs each through admission and stores nothing.",
        ),
    ] = DryRun.NONE
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Make the changes without asking.", show_default=False)] = False

    @property
    def only_looks(self) -> bool:
        """Whether nothing is to be changed."""
        return self.dry_run is not DryRun.NONE

    @property
    def on_server(self) -> bool:
        """Whether the API server is to say what would happen; before a change it always is."""
        return self.dry_run is not DryRun.CLIENT

    def must_suit_files(self, *, in_cluster: bool, prints: bool) -> None:
        """Raise UsageError for a dry run on the server, and for changes of files that were judged in a cluster.

        ``prints``: the changes are printed for another place, and none is made.
        """
        if self.dry_run is DryRun.SERVER:
            raise UsageError("--dry-run=server tries changes of a cluster, and -f changes files.", "Write --dry-run.")
        if in_cluster and not self.only_looks and not prints:
            raise UsageError(
                "With -f and a cluster, apply only shows the changes.",
                "Add --dry-run. To write the fixes that hold without a cluster into the files, leave --context out.",
            )

    def to(self, question: str) -> bool:
        """Whether to go on with what was shown; says so where not. Raises UsageError where nobody can be asked."""
        if self.yes or console.confirm(question):
            return True
        console.say("Nothing was changed.")
        return False
