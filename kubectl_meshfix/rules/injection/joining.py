"""The fixes that bring the pods of a namespace into the mesh."""

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import restarts
from kubectl_meshfix.fixes.corrections import choice, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.reaching import reachable_revisions
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.injection.serving import opt_in


def joined_or_plain(mesh: Mesh, namespace: Namespace, rule: DestinationRule) -> Fix:
    """Two ways out, of which MF603 offers the second: the pods join the mesh, or callers send them plain text."""
    label = opt_in(mesh, namespace.name)
    how = f"{label[0]}={label[1]}" if label else "istio.io/rev=REVISION"
    commands = f"kubectl label namespace {namespace.name} {how}", restarts.of_namespace(namespace.name)
    return manual(f"Label the namespace {how} and restart its pods, or remove tls from {rule.ref}.", *commands)


def joined(mesh: Mesh, namespace: Namespace) -> Fix:
    """The label that gives its new pods sidecars, and a restart; by hand where several revisions could be meant."""
    label = opt_in(mesh, namespace.name)
    restart = restarts.of_namespace(namespace.name)
    if label is None:
        command = f"kubectl label namespace {namespace.name} istio.io/rev=REVISION"
        return choice("Set istio.io/rev on the namespace to {}, then restart its pods.", reachable_revisions(mesh), command, restart)
    key, value = label
    where, content = (join("metadata", "labels", key), value) if namespace.labels else (join("metadata", "labels"), {key: value})
    summary = f"Label the namespace {key}={value}, then restart its pods."
    return patch(namespace.ref, (Operation("add", where, content),), summary, commands=(restart,), risk=risks.NEW_PODS_ENTER)
