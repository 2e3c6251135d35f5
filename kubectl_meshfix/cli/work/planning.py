"""From a report to the plan that the flags leave."""

from collections.abc import Iterable

from kubectl_meshfix.cli.flags.permission import Permission
from kubectl_meshfix.cli.work.diagnosing import Diagnosed
from kubectl_meshfix.fixes.effects import consequences
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.fixes.managed_by import Managers
from kubectl_meshfix.fixes.plan import Plan, Proposal, make_plan


def planned(found: Diagnosed, managers: Managers, permission: Permission, *, everything: bool) -> Plan:
    """The fixes that the flags allow, as changes of objects; ``everything``: all of them, only to be looked at."""
    allowed = frozenset(safety for safety in Safety if everything or safety is Safety.SAFE or FLAGS.get(safety) in permission.given)
    return make_plan(
        proposals(found),
        allowed,
        managers,
        lambda ref, operations: consequences.of_mesh(found.meshes.mesh_of(ref))(ref, operations),
        even_if_managed=everything or permission.even_if_managed,
        only_in=found.only_in,
    )


def proposals(found: Diagnosed) -> Iterable[Proposal]:
    """The fixes of a report's active findings; files that were not looked at are remarks beside a plan."""
    rows = (row for row in found.report.active if row.resource.kind != "File")
    return [Proposal(code=row.code, resource=row.resource, fix=row.fix, evidence=row.evidence) for row in rows if row.fix]
