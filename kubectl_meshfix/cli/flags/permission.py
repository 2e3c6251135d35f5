"""What ``apply`` may change: the flags, and the plan that they leave."""

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.fixes.effects import consequences
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.managed_by import Managers
from kubectl_meshfix.fixes.plan import EVEN_IF_MANAGED, FLAGS, Plan, Proposal, make_plan

if TYPE_CHECKING:
    from kubectl_meshfix.cli.work.diagnosing import Diagnosed


@dataclasses.dataclass(frozen=True)
class Permission:
    """Fixes that are not made without a word."""

    restart: Annotated[bool, typer.Option("--restart", help="Also make fixes that replace running pods.", show_default=False)] = False
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe", help="Also make fixes that rest on an inference or change how traffic is treated.", show_default=False),
    ] = False
    even_if_managed: Annotated[
        bool,
        typer.Option(
            "--even-if-managed",
            help="Also change objects on a cluster that Helm, Argo CD, Flux or OLM manage, and will put back.",
            show_default=False,
        ),
    ] = False

    @property
    def given(self) -> frozenset[str]:
        """The flags that were given."""
        flags = {"--restart": self.restart, "--unsafe": self.unsafe, EVEN_IF_MANAGED: self.even_if_managed}
        return frozenset(flag for flag, is_given in flags.items() if is_given)


def planned(found: "Diagnosed", managers: Managers, permission: Permission, *, everything: bool) -> Plan:
    """The fixes that the flags allow, as changes of objects; ``everything``: all of them, only to be looked at."""
    allowed = frozenset(safety for safety in Safety if everything or safety is Safety.SAFE or FLAGS.get(safety) in permission.given)
    return make_plan(
        proposals(found),
        allowed,
        managers,
        consequences.of_mesh(found.mesh),
        even_if_managed=everything or permission.even_if_managed,
    )


def proposals(found: "Diagnosed") -> Iterable[Proposal]:
    """The fixes of a report's active findings."""
    return [Proposal(code=row.code, resource=row.resource, fix=row.fix, evidence=row.evidence) for row in found.report.active if row.fix]
