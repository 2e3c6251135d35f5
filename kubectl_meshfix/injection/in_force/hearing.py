"""The answers of one run, by pod."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kubectl_meshfix.mesh.answers import Answers, Connected, Proxy
from kubectl_meshfix.mesh.snapshot import Mesh

Name = tuple[str, str]


class Heard(NamedTuple):
    """What istiods say of each pod's proxy, and what the proxy says itself; by namespace and name."""

    served: Mapping[Name, Sequence[Connected]]
    proxies: Mapping[Name, Proxy]


def hear(mesh: Mesh) -> Heard:
    """The answers by pod, sorted once for a mesh and its answers."""
    table = mesh.memo("answers by pod")
    key = id(mesh.answers)
    if key not in table:
        table[key] = mesh.answers, _by_pod(mesh.answers)  # the answers are kept, so that no others get their id
    found: Heard = table[key][1]
    return found


def _by_pod(answers: Answers) -> Heard:
    served: dict[Name, list[Connected]] = defaultdict(list)
    for item in answers.connected:
        served[item.namespace, item.name].append(item)
    return Heard(served=dict(served), proxies={(item.pod.namespace or "", item.pod.name): item for item in answers.proxies})
