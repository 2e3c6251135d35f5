"""Findings to govern, and runs that made them."""

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.governance.annotations import annotated
from kubectl_meshfix.governance.run_coverage import RunCoverage
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts

PORT = "  - {{name: {name}, port: {number}}}\n"


def service(name: str = "cart", *ports: tuple[str, int], annotations: str = "{}", namespace: str = "shop") -> str:
    """A Service's manifest that speaks of a mesh; its ports' names declare no protocol unless they begin with one."""
    metadata = f"{{name: {name}, namespace: {namespace}, labels: {{istio.io/use-waypoint: none}}, annotations: {annotations}}}"
    head = f"apiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec:\n  ports:\n"
    return head + "".join(PORT.format(name=port, number=number) for port, number in ports or (("fax", 80),))


def report(*manifests: str) -> Report:
    """What all rules find in some manifests."""
    snapshot, _ = from_texts({"shop.yaml": "---\n".join(manifests)})
    return annotated(diagnose(snapshot, RULES), snapshot.meshes)


def rows(*manifests: str) -> tuple[Diagnosis, ...]:
    """The findings alone."""
    return report(*manifests).findings


def looked(
    *names: str, namespace: str | None = None, is_partial: bool = False, folders: tuple[str, ...] = (), without: str = ""
) -> RunCoverage:
    """A run that read some objects, by default the whole of a cluster."""
    ran = tuple(rule for rule in RULES if rule.code != without)
    return RunCoverage(ran=ran, namespace=namespace, is_partial=is_partial, folders=folders, objects=names)
