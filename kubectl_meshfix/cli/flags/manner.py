"""How a verb speaks: colours, and how much it says beside its answer."""

import sys
from typing import Annotated, TextIO

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.console import Color
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.resources.meta import Struct

REQUESTS = 6
"""The level of kubectl's -v from which on requests are printed."""


class ColorFlags(Struct, frozen=True):
    """When to use colours."""

    color: Annotated[Color, typer.Option("--color", help="When to use colours; alone it means always.", metavar="[auto|always|never]")] = (
        Color.AUTO
    )
    no_color: Annotated[bool, typer.Option("--no-color", help="The same as --color=never.", show_default=False)] = False

    def screen(self, stream: TextIO | None = None) -> Screen:
        """What a stream can show; standard output where none is named."""
        return console.screen(stream or sys.stdout, Color.NEVER if self.no_color else self.color)


class MannerFlags(ColorFlags, frozen=True):
    """The same, and how much is said."""

    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Only the answer: no summary, no progress, no next step.", show_default=False)
    ] = False
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            "--v",
            help=f"How much to say: 1 (as -v alone) adds evidence, {REQUESTS} prints each request to the API server.",
            metavar="LEVEL",
            show_default=False,
        ),
    ] = 0

    def begin(self) -> None:
        """Make the flags count for this run."""
        console.hush(self.quiet)
        if self.verbose >= REQUESTS:
            import logging  # noqa: PLC0415 -- few runs are watched so closely

            logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", force=True)
            logging.getLogger("kubectl_meshfix").setLevel(logging.DEBUG)
