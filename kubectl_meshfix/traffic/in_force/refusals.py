"""Which proxies refuse configuration, of which type, with which words, and what makes it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.answers import Connected, Push, Sync
from kubectl_meshfix.mesh.envoy_words import Words, read_words
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic.in_force.patches import Culprit, Reader, culprits


class Refusal(Struct, frozen=True):
    """Proxies of one or several workloads that refuse the same: the pods, what they belong to, what can have made it.

    ``push`` is the first pod's, and ``words`` what it says.
    """

    pods: tuple[Ref, ...]
    owners: tuple[Ref, ...]
    push: Push
    words: Words
    culprits: tuple[Culprit, ...]


def refusals(mesh: Mesh) -> tuple[Refusal, ...]:
    """What proxies refuse now, each cause once. An istiod forgets a refusal once the proxy takes what it sends next."""
    found: dict[object, list[tuple[Ref, Ref, Push, Words, tuple[Culprit, ...]]]] = defaultdict(list)
    known: dict[tuple[object, ...], tuple[Words, tuple[Culprit, ...]]] = {}
    for proxy, push in _refused(mesh.answers.connected):
        pod = mesh.get(Pod, proxy.namespace, proxy.name)
        owner = mesh.workload_of(pod) if pod else None
        ref = pod.ref if pod else Ref("v1", "Pod", proxy.namespace, proxy.name)
        labels = frozenset(pod.labels.items()) if pod else frozenset()
        key = (labels, proxy.namespace, proxy.version, push.type, push.error)
        if key not in known:
            words = read_words(push)
            known[key] = words, culprits(mesh, _reader(proxy, pod, owner), push, words) if pod and owner else ()
        words, causes = known[key]
        cause = tuple((item.envoy_filter.ref.key, item.number) for item in causes) or (owner.ref.key if owner else ref.key, push.type)
        found[cause].append((ref, owner.ref if owner else ref, push, words, causes))
    return tuple(map(_gathered, found.values()))


def _refused(connected: Sequence[Connected]) -> Iterator[tuple[Connected, Push]]:
    return ((proxy, push) for proxy in connected for push in proxy.pushes if push.sync is Sync.ERROR)


def _reader(proxy: Connected, pod: Pod, owner: Workload) -> Reader:
    return Reader(namespace=proxy.namespace, labels=pod.labels, is_gateway=is_gateway(owner), version=proxy.version)


def _gathered(rows: Sequence[tuple[Ref, Ref, Push, Words, tuple[Culprit, ...]]]) -> Refusal:
    _, _, push, words, causes = rows[0]
    pods, owners = (tuple(sorted({row[at] for row in rows})) for at in (0, 1))  # type: ignore[type-var]
    return Refusal(pods=pods, owners=owners, push=push, words=words, culprits=causes)  # type: ignore[arg-type]
