"""ExternalName Services, which are other names of what they point to (`pilot/pkg/model/push_context.go resolveServiceAliases`)."""

from collections import defaultdict
from collections.abc import Mapping

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.registry import Entry


def alias_of(mesh: Mesh, entry: Entry) -> str:
    """The host that an ExternalName Service names; empty for other entries."""
    found = mesh.find(entry.resource) if entry.is_alias else None
    return found.spec.external_name if isinstance(found, Service) else ""


def names_of(mesh: Mesh, host: str) -> tuple[str, ...]:
    """The hosts of the ExternalName Services that lead to a host, over others of them too, in the order of their namespaces."""
    return mesh.cached("aliases of hosts", _names).get(host, ())


def _names(mesh: Mesh) -> Mapping[str, tuple[str, ...]]:
    aliases = {
        hosts.of_service(service.name, service.namespace): (service.namespace, service.spec.external_name)
        for service in mesh.all(Service)
        if service.spec.type == "ExternalName"
    }
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, (namespace, target) in aliases.items():
        concrete, seen = target, {name}
        while concrete in aliases and concrete not in seen:
            seen.add(concrete)
            concrete = aliases[concrete][1]
        if concrete not in seen:
            found[concrete].append((namespace, name))
    return {host: tuple(name for _, name in sorted(names)) for host, names in found.items()}
