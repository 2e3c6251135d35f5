"""``--wait``: waiting until workloads have rolled out and findings are gone."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.fixes.plan import Change
from kubectl_meshfix.render.plan.terminal import kubectl_name
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.sources.api.cluster_options import timeout_seconds

if TYPE_CHECKING:
    from kubectl_meshfix.report import Report
    from kubectl_meshfix.targets.cluster import Preview

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Seconds between two looks at a whole cluster: each next pause is twice as long."""


class WaitFlags(Struct, frozen=True):
    """Whether to wait for the outcome, and how long."""

    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Wait until the changed workloads have rolled out and, with apply, the findings are gone.", show_default=False
        ),
    ] = False
    timeout: Annotated[str, typer.Option("--timeout", help="How long --wait waits (90s, 10m); 0 means no limit.", metavar="TIME")] = "5m"

    def must_make_sense(self, files: Sequence[str]) -> None:
        """Raise UsageError where there is nothing to wait for, or the time is none: before anything is changed."""
        if self.wait and files:
            raise UsageError("--wait is for clusters: files have no rollouts.", "Leave --wait out, or leave -f out.")
        timeout_seconds(self.timeout, "--timeout")

    def deadline(self) -> float | None:
        """When ``--timeout`` is over, on the monotonic clock; None never is."""
        seconds = timeout_seconds(self.timeout, "--timeout")
        return None if seconds is None else time.monotonic() + seconds


def wait_for_rollouts(changed: "Iterable[Preview]", api: Api, end: float | None) -> bool:
    """Wait until the changed workloads have rolled out, or until ``end``, and print each step. Whether all have."""
    from kubectl_meshfix.targets import rollouts  # noqa: PLC0415 -- only where something is changed

    def tell(ref: Ref, words: str) -> None:
        console.say(f"{kubectl_name(ref)}: {safe_line(words)}")

    left = rollouts.wait(changed, api, end, tell)
    for ref, words in left.items():
        console.say(f"{kubectl_name(ref)} is not rolled out: {safe_line(words)}.")
        console.say(f"  More: kubectl meshfix explain {ref.kind.lower()}/{ref.name}{ref.namespace_flag}")
    return not left


def wait_for_findings_to_go(changes: Sequence[Change], look: "Callable[[], Report]", end: float | None) -> bool:
    """Diagnose again until the findings of the changes are gone, or until ``end``, and print which are. Whether all are."""
    pause = FIRST_PAUSE
    while True:
        left = {(row.code, row.resource) for row in look().active}
        lasting = [change for change in changes if any((row.code, row.resource) in left for row in change.proposals)]
        if not lasting or (end is not None and time.monotonic() + pause >= end):
            break
        if pause == FIRST_PAUSE:
            console.say(f"Waiting until the findings of {', '.join(kubectl_name(change.resource) for change in lasting)} are gone.")
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    for change in changes:
        codes = {row.code: (row.code, row.resource) in left for row in change.proposals}
        words = [f"{code} {'is still there' if stays else 'is gone'}" for code, stays in sorted(codes.items())]
        console.say(f"{kubectl_name(change.resource)}: {', '.join(words)}")
    return not lasting
