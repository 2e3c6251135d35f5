"""The program: its verbs, and how errors become exit codes."""

import contextlib
import os
import sys

import typer

from kubectl_meshfix import __version__
from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.verbs import HELP_SETTINGS, Program
from kubectl_meshfix.errors import ExitCode, MeshfixError, unforeseen

PROGRAM = "kubectl meshfix"

app = typer.Typer(
    cls=Program,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP_SETTINGS,
    help="Find what is wrong with workloads in an Istio mesh, and repair it.",
    epilog="\b\nStart with: kubectl meshfix diagnose -A\nHelp on a verb: kubectl meshfix help VERB",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kubectl-meshfix {__version__}")
        raise typer.Exit


@app.callback()
def _program(version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True)) -> None:
    pass


def main() -> None:
    """Run, and exit with one of four codes; errors are sentences, never a traceback."""
    console.open_streams()
    code: int = ExitCode.OK
    try:
        _unlisted() or app(prog_name=PROGRAM, standalone_mode=True)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else ExitCode.ERROR
    except MeshfixError as error:
        console.print_error(error.message, error.hint)
        code = ExitCode.ERROR
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            console.say("")
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        console.print_error(f"{error.filename or 'The output cannot be written'}: {error.strerror}.")
        _discard_output()
        code = ExitCode.ERROR
    except MemoryError:
        console.print_error("There is not enough memory for this input.", "Choose less of it: a namespace, a folder, or fewer files.")
        code = ExitCode.ERROR
    except Exception as error:
        if isinstance(error, UnicodeEncodeError) and error.object in sys.argv:
            console.print_error(f"The argument {error.object!a} is not UTF-8 text.", "Rename what it names, or leave it out.")
            _leave(ExitCode.ERROR)
        import logging  # noqa: PLC0415 -- for a fault alone

        logging.getLogger(__name__).debug("", exc_info=True)
        console.print_error(unforeseen(error), "This is a fault of kubectl-meshfix: please report it, with what -v 6 prints.")
        code = ExitCode.ERROR
    _leave(code)


def _unlisted() -> bool:
    """Do what only programs ask for: the answer to a TAB, and the names that such answers are made of. Whether that was it."""
    match sys.argv[1:]:
        case ["__complete", *words]:
            from kubectl_meshfix.cli.completion.answer import print_answer  # noqa: PLC0415 -- for a shell alone

            print_answer(words)
        case ["__refill"]:
            from kubectl_meshfix.sources.completion_cache import refill  # noqa: PLC0415 -- for a process of its own

            refill()
        case _:
            return False
    return True


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(code: int) -> None:
    """Flush what is left; a reader that has gone (``| head``) is no error."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard_output()
    sys.exit(code)
