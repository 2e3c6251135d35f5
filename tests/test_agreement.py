"""What a rule says in several meshes of one input, as one report."""

from collections.abc import Callable, Iterator

from kubectl_meshfix.agreement import findings
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Service
from kubectl_meshfix.resources.meta import Meta, Ref
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

SHARED = Service(metadata=Meta(name="shared", namespace="shop"))


def copy(number: int, value: str = "a") -> ConfigMap:
    """A copy of a ConfigMap beside which the shared Service is judged."""
    return ConfigMap(metadata=Meta(name="said", namespace="shop", copy=number), data={"value": value})


def fix(value: str, ref: Ref = SHARED.ref, safety: Safety = Safety.SAFE) -> Fix:
    """A fix that puts a value into an object."""
    return Fix(summary="Set it.", safety=safety, patches=(Patch(resource=ref, operations=(Operation("replace", "/a", value),)),))


def found(check: Callable[[Mesh], Iterator[Finding]], *copies: ConfigMap) -> list[Finding]:
    """What a rule finds where each copy is in a mesh of its own with the Service."""
    rule = Rule(
        code="MF999",
        name="x",
        severity=Severity.WARNING,
        inputs=(kinds.SERVICE, kinds.CONFIG_MAP),
        summary="x",
        check=check,
    )
    return list(findings(rule, Meshes(Mesh([SHARED, item]) for item in copies)))


def said(mesh: Mesh) -> ConfigMap:
    """The mesh's own copy."""
    (item,) = mesh.all(ConfigMap)
    return item


def test_what_every_mesh_finds_is_one_finding() -> None:
    """The same finding of an object that all meshes hold is there once, and one that not all of them find is not."""

    def check(mesh: Mesh) -> Iterator[Finding]:
        if said(mesh).data["value"] != "right":
            yield Finding(resource=SHARED.ref, path="", message="wrong")

    assert [row.message for row in found(check, copy(0), copy(1))] == ["wrong"]
    assert found(check, copy(0), copy(1, "right")) == []


def test_a_rule_whose_kinds_may_all_be_missing_looks_at_every_mesh() -> None:
    """A rule all of whose kinds may be missing finds what is wrong in each copy."""

    def check(mesh: Mesh) -> Iterator[Finding]:
        yield Finding(resource=said(mesh).ref, path="", message="wrong")

    meshes = Meshes(Mesh([SHARED, item]) for item in (copy(0), copy(1)))
    rule = Rule(code="MF999", name="x", severity=Severity.WARNING, inputs=(), optional=(kinds.CONFIG_MAP,), summary="x", check=check)
    assert [row.resource.copy for row in findings(rule, meshes)] == [0, 1]


def test_each_copy_has_its_own_findings() -> None:
    """A copy is in one mesh, which alone decides."""

    def check(mesh: Mesh) -> Iterator[Finding]:
        if said(mesh).data["value"] != "right":
            yield Finding(resource=said(mesh).ref, path="", message="wrong")

    assert [row.resource.copy for row in found(check, copy(0, "right"), copy(1), copy(2))] == [1, 2]


def test_where_meshes_differ_the_mildest_and_the_most_careful_holds() -> None:
    """Of two severities the milder one, of two safeties of one change the more careful one."""

    def check(mesh: Mesh) -> Iterator[Finding]:
        first = said(mesh).metadata.copy == 0
        severity, safety = (Severity.INFO, Safety.SAFE) if first else (Severity.ERROR, Safety.UNSAFE)
        yield Finding(resource=SHARED.ref, path="", message=f"{severity}", severity=severity, fix=fix("x", safety=safety))

    (row,) = found(check, copy(0), copy(1))

    assert (row.message, row.severity, row.fix and row.fix.safety) == ("info", Severity.INFO, Safety.UNSAFE)


def test_a_fix_changes_what_every_mesh_needs() -> None:
    """The copies that a fix of a shared object changes are all changed; two changes of one place are nobody's choice to make."""

    def both(mesh: Mesh) -> Iterator[Finding]:
        yield Finding(resource=SHARED.ref, path="", message="wrong", fix=fix("x", said(mesh).ref))

    def contradicting(mesh: Mesh) -> Iterator[Finding]:
        yield Finding(resource=SHARED.ref, path="", message="wrong", fix=fix(said(mesh).data["value"]))

    (joined,) = found(both, copy(0), copy(1))
    (left,) = found(contradicting, copy(0, "x"), copy(1, "y"))

    assert joined.fix
    assert [patch.resource.copy for patch in joined.fix.patches] == [0, 1]
    assert left.fix
    assert left.fix.safety is Safety.MANUAL
