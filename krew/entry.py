"""Where the frozen program starts."""

import os
from collections.abc import MutableMapping


def restore(environ: MutableMapping[str, str]) -> None:
    """Undo what PyInstaller's bootloader did to the environment, which every program that we start would inherit.

    With our LD_LIBRARY_PATH a credential plugin loads our OpenSSL instead of its own; one that is frozen itself reads ``_PYI_*``.
    """
    for name in ("LD_LIBRARY_PATH", "LIBPATH"):
        original = environ.pop(f"{name}_ORIG", None)
        environ.pop(name, None)
        if original is not None:
            environ[name] = original
    for name in [name for name in environ if name.startswith("_PYI_")]:
        del environ[name]


def main() -> None:
    """Run the program."""
    restore(os.environ)
    from kubectl_meshfix.cli.start import main as run  # noqa: PLC0415 -- nothing of ours runs before the environment is ours again

    run()


if __name__ == "__main__":
    main()
