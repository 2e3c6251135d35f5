"""One rule asked about some objects."""

from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.rule import Finding, Rule
from tests.fixes.risks import must_name_its_risk
from tests.rules.limits import problems


def asked(rule: Rule, mesh: Mesh) -> list[Finding]:
    """What a rule finds in a snapshot that answers for no more than it declares: under codes it is known by, in plain words,
    each fix with its risk.
    """
    found = list(rule.check(mesh.restricted_to(*rule.inputs, *rule.optional)))
    assert {alias for item in found for alias in item.aliases or ()} <= set(rule.aliases)
    for item in found:
        must_name_its_risk(item.fix)
        assert list(problems(item)) == []
    return found


def findings(rule: Rule, *objects: Object, live: bool = True, coverage: dict[Kind, Coverage] | None = None) -> list[Finding]:
    """What a rule finds in objects."""
    return asked(rule, Mesh(objects, live=live, coverage=coverage))


def paths(rule: Rule, *objects: Object, live: bool = True, coverage: dict[Kind, Coverage] | None = None) -> list[str]:
    """Where a rule finds something."""
    return [found.path for found in findings(rule, *objects, live=live, coverage=coverage)]


def only(rule: Rule, *objects: Object, live: bool = True) -> Finding:
    """The one finding of a rule."""
    (found,) = findings(rule, *objects, live=live)
    return found


def fix(found: Finding) -> Fix:
    """A finding's fix; there is one."""
    assert found.fix
    return found.fix
