"""Where the program starts: the cycle collector is off before anything of weight is loaded."""

import gc
import sys
from importlib import import_module


def main() -> None:
    """The program ``kubectl-meshfix``."""
    _run("kubectl_meshfix.cli.main")


def complete() -> None:
    """The program ``kubectl_complete-meshfix``."""
    _run("kubectl_meshfix.cli.completion.answer")


def _run(module: str) -> None:
    """Call a module's ``main``.

    A run is short and makes hardly any cycles: looking for them takes a fifth of it. Python looks once more when it ends, which takes
    as long again; it passes over what is frozen.
    """
    gc.disable()
    try:
        import_module(module).main()
    except KeyboardInterrupt:  # while it still loads, which takes a while on a busy machine
        sys.exit(130)
    finally:
        gc.freeze()
