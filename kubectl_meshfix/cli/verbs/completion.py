"""``completion``: the script that lets a shell complete commands."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kubectl_meshfix import cli
from kubectl_meshfix.cli import console


class Shell(StrEnum):
    """Whose script: a shell's, or the program that kubectl itself asks."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"
    KUBECTL = "kubectl"


def completion(
    shell: Annotated[
        Shell, typer.Argument(metavar="bash|zsh|fish|powershell|kubectl", help="The shell, or kubectl itself.", show_default=False)
    ],
) -> None:
    """Print the script that lets a shell complete kubectl-meshfix. Completion of "kubectl meshfix" comes with kubectl's own.

    bash: source <(kubectl-meshfix completion bash)

    zsh: source <(kubectl-meshfix completion zsh)

    fish: kubectl-meshfix completion fish | source

    PowerShell: kubectl-meshfix completion powershell | Out-String | Invoke-Expression

    kubectl asks a program kubectl_complete-meshfix on PATH, which pipx and uv install and krew does not. With krew, put it there:
    kubectl meshfix completion kubectl > ~/.local/bin/kubectl_complete-meshfix; chmod +x ~/.local/bin/kubectl_complete-meshfix
    """
    console.answer((Path(cli.__file__).parent / "completion" / "shells" / shell).read_text(encoding="utf-8"))
