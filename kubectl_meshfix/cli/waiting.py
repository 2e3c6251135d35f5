"""``--wait``: what became of a change, object by object."""

import dataclasses
from collections.abc import Collection, Sequence
from typing import Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.fixes.plan import Change
from kubectl_meshfix.render.plan import kubectl_name
from kubectl_meshfix.render.text import safe_line
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.api.cluster_options import timeout_seconds


@dataclasses.dataclass(frozen=True)
class Patience:
    """Whether to wait for the outcome, and how long."""

    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Afterwards wait until the workloads are rolled out, and see whether the findings are gone.", show_default=False
        ),
    ] = False
    timeout: Annotated[str, typer.Option("--timeout", help="How long --wait waits (90s, 10m); 0 waits on.", metavar="TIME")] = "5m"

    @property
    def seconds(self) -> float | None:
        """``--timeout``; None waits on. Raises UsageError."""
        return timeout_seconds(self.timeout, "--timeout")


def wait_for(refs: Sequence[Ref], api: Api, seconds: float | None) -> bool:
    """Wait until the pods of changed workloads are new ones, telling every step; whether all are."""
    from kubectl_meshfix.targets import rollouts  # noqa: PLC0415 -- only where something is changed

    def tell(ref: Ref, lacking: str) -> None:
        console.say(f"{kubectl_name(ref)}: {safe_line(lacking) or 'rolled out'}")

    left = rollouts.wait(refs, api, seconds, tell)
    for ref, lacking in left.items():
        console.say(f"{kubectl_name(ref)} is not rolled out: {safe_line(lacking.rstrip('.'))}.")
    return not left


def tell_findings(changes: Sequence[Change], left: Collection[tuple[str, Ref]]) -> bool:
    """Say of each object which of its findings are gone and which are ``left``; whether all are gone."""
    for change in changes:
        codes = {proposal.code: (proposal.code, proposal.resource) in left for proposal in change.proposals}
        words = [f"{code} {'is still there' if stays else 'is gone'}" for code, stays in sorted(codes.items())]
        console.say(f"{kubectl_name(change.resource)}: {', '.join(words)}")
    return not any((proposal.code, proposal.resource) in left for change in changes for proposal in change.proposals)
