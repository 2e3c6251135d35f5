"""What ``apply`` may change: the flags that allow more than safe fixes."""

from typing import Annotated

import typer

from kubectl_meshfix.fixes.held import EVEN_IF_MANAGED
from kubectl_meshfix.resources.meta import Struct


class Permission(Struct, frozen=True):
    """Fixes that need a flag."""

    restart: Annotated[bool, typer.Option("--restart", help="Also make fixes that replace running pods.", show_default=False)] = False
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe", help="Also make fixes that rest on an inference or change how traffic is handled.", show_default=False),
    ] = False
    even_if_managed: Annotated[
        bool,
        typer.Option(
            "--even-if-managed",
            help="Also change objects on a cluster that Helm, Argo CD, Flux or OLM manage; they may undo the change.",
            show_default=False,
        ),
    ] = False

    @property
    def given(self) -> frozenset[str]:
        """The flags that were given."""
        flags = {"--restart": self.restart, "--unsafe": self.unsafe, EVEN_IF_MANAGED: self.even_if_managed}
        return frozenset(flag for flag, is_given in flags.items() if is_given)
