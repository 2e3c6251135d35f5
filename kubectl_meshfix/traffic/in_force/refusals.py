"""Which proxies refuse configuration, of which type, with which words, and what makes it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.answers import Connected, Push, Sync
from kubectl_meshfix.mesh.envoy_words import Words, read_words
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic.in_force.objects import Maker, makers
from kubectl_meshfix.traffic.in_force.patches import Culprit, Reader, suspects


class Refusal(Struct, frozen=True):
    """Proxies of one or several workloads that refuse the same: the pods, what they belong to, what can have made it.

    ``push`` is the first pod's, and ``words`` what it says. ``makers`` are other objects that Envoy's words lead to, where these are about
    no EnvoyFilter.
    """

    pods: tuple[Ref, ...]
    owners: tuple[Ref, ...]
    push: Push
    words: Words
    culprits: tuple[Culprit, ...]
    makers: tuple[Maker, ...] = ()


class _Row(NamedTuple):
    pod: Ref
    owner: Ref
    push: Push
    words: Words
    culprits: tuple[Culprit, ...]
    makers: tuple[Maker, ...]


def refusals(mesh: Mesh) -> tuple[Refusal, ...]:
    """What proxies refuse now, each cause once. An istiod forgets a refusal once the proxy takes what it sends next."""
    found: dict[object, list[_Row]] = defaultdict(list)
    known: dict[tuple[object, ...], tuple[Words, tuple[Culprit, ...], tuple[Maker, ...]]] = {}
    for proxy, push in _refused(mesh.answers.connected):
        pod = mesh.get(Pod, proxy.namespace, proxy.name)
        owner = mesh.workload_of(pod) if pod else None
        ref = pod.ref if pod else Ref("v1", "Pod", proxy.namespace, proxy.name)
        labels = frozenset(pod.labels.items()) if pod else frozenset()
        key = (labels, proxy.namespace, proxy.version, push.type, push.error)
        if key not in known:
            words = read_words(push)
            known[key] = (words, *_causes(mesh, _reader(proxy, pod, owner), push, words)) if pod and owner else (words, (), ())
        words, causes, made = known[key]
        named = *((item.envoy_filter.ref.key, item.number) for item in causes), *((item.ref.key, item.path) for item in made)
        cause: object = named or (owner.ref.key if owner else ref.key, push.type)
        found[cause].append(_Row(ref, owner.ref if owner else ref, push, words, causes, made))
    return tuple(map(_gathered, found.values()))


def _causes(mesh: Mesh, reader: Reader, push: Push, words: Words) -> tuple[tuple[Culprit, ...], tuple[Maker, ...]]:
    found, are_said = suspects(mesh, reader, push, words)
    return found, () if are_said else makers(mesh, reader, push, words)


def _refused(connected: Sequence[Connected]) -> Iterator[tuple[Connected, Push]]:
    return ((proxy, push) for proxy in connected for push in proxy.pushes if push.sync is Sync.ERROR)


def _reader(proxy: Connected, pod: Pod, owner: Workload) -> Reader:
    return Reader(namespace=proxy.namespace, labels=pod.labels, is_gateway=is_gateway(owner), version=proxy.version)


def _gathered(rows: Sequence[_Row]) -> Refusal:
    first = rows[0]
    return Refusal(
        pods=tuple(sorted({row.pod for row in rows})),
        owners=tuple(sorted({row.owner for row in rows})),
        push=first.push,
        words=first.words,
        culprits=first.culprits,
        makers=first.makers,
    )
