"""``test``: a team's expectations, held against what ``trace`` and ``explain`` predict."""

from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.fitting import must_suit_source
from kubectl_meshfix.cli.flags.formats.expectations import ExpectationFormat
from kubectl_meshfix.cli.flags.manner import MannerFlags
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def test(
    connection: ConnectionFlags,
    where: SourceFlags,
    manner: MannerFlags,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Files of expectations, or folders of them. With --init: the file to write."),
    ] = None,
    init: Annotated[
        bool,
        typer.Option(
            "--init",
            help="Print a first file: every route and every workload as it is now. With FILE, write it there; nothing is overwritten.",
            show_default=False,
        ),
    ] = False,
    output: Annotated[ExpectationFormat, typer.Option("-o", "--output", help="Output format.")] = ExpectationFormat.TABLE,
) -> None:
    """Hold expectations against what happens to requests and workloads.

    Nothing is sent. An expectation names who calls, a request, and what has to happen to it; or a workload, and whether it gets a
    sidecar. They are held against the cluster of the current context, or against manifests with -f; with -f and --context, against
    manifests as if they were applied to that cluster.

    The exit code is 0 if all hold, 1 if one does not or is not known, 2 for errors.
    """
    from kubectl_meshfix.cli.work.naming import named  # noqa: PLC0415 -- asking for help reads no file

    manner.begin()
    _, where = named("test", (), where)
    must_suit_source(connection, where)
    if where.selector:
        raise UsageError("test takes no -l: its files name what they are about.", "Leave it out.")
    if init:
        _begin(files or (), connection, where, output)
        return
    if not files:
        raise UsageError("Name a file of expectations.", "To write a first one: kubectl meshfix test --init FILE.")
    from kubectl_meshfix.cli.work import testing  # noqa: PLC0415
    from kubectl_meshfix.render.expectations import table  # noqa: PLC0415

    found = testing.run_files(files, connection, where)
    if output is ExpectationFormat.TABLE:
        verbose, screen = manner.verbose > 0, manner.screen()
        text = table.table(found, screen, verbose=verbose)
        console.answer(text)
        console.summarise(table.summary(found, screen, verbose=verbose), after=bool(text))
    else:
        console.answer(testing.rendered(found, output))
    raise typer.Exit(testing.exit_code(found))


def _begin(files: "Sequence[str]", connection: ConnectionFlags, where: SourceFlags, output: ExpectationFormat) -> None:
    from kubectl_meshfix.cli.work import first_tests  # noqa: PLC0415

    if len(files) > 1:
        raise UsageError("--init writes one file.", "Name one, or none to see what would be written.")
    if output is not ExpectationFormat.TABLE:
        raise UsageError(f"--init writes YAML, and -o {output} is a format of results.", "Leave -o out.")
    for file in files:
        first_tests.must_not_exist(file)
    text = first_tests.first(connection, where)
    if not files:
        console.answer(text)
        return
    first_tests.write(files[0], text)
    console.say(f"{files[0]} written. To hold it against what is there, name it without --init.")
