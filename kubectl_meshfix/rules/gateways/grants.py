"""ReferenceGrants that a person is asked to create: a fix changes objects, and makes none."""

import msgspec

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.resources.meta import Object


def grant(of: Object, kind: str, name: str, namespace: str) -> Fix:
    """Create the grant that lets objects like ``of`` use one Service or Secret of another namespace."""
    made = {
        "apiVersion": "gateway.networking.k8s.io/v1beta1",
        "kind": "ReferenceGrant",
        "metadata": {"name": f"{of.name}-to-{name}"[:253], "namespace": namespace},
        "spec": {
            "from": [{"group": of.ref.group, "kind": of.kind, "namespace": of.namespace}],
            "to": [{"group": "", "kind": kind, "name": name}],
        },
    }
    command = f"echo '{msgspec.json.encode(made).decode()}' | kubectl apply -f -"
    why = f"Who may use its {kind}s is for its owner to decide."
    return manual(f"Create a ReferenceGrant in namespace {namespace}.", command, why=why)
