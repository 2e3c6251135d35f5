"""``options``: the flags that choose and reach the cluster, as ``kubectl options`` lists its own."""

import textwrap

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.options import connection_help

HEAD = "The following flags can be given to every command that reads a cluster, before or after its verb:\n\n"


def options() -> None:
    """List the flags that choose and reach the cluster. They mean what they mean for kubectl."""
    rows = [(f"  {names}", text) for names, text in connection_help()]
    width = max(len(names) for names, _ in rows) + 2
    lines = [textwrap.fill(text, 100, initial_indent=names.ljust(width), subsequent_indent=" " * width) for names, text in rows]
    console.answer(HEAD + "\n".join(lines) + "\n")
