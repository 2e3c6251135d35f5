"""The identities that policies name, and whether somebody has them: those of pods behind a sidecar, a gateway or ztunnel."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, PeerAuthentication
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Key
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.coherence.enforcers import enforcers
from kubectl_meshfix.traffic.coherence.seen import is_seen
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.peer_authentication import Accepted, MTLSMode, accepted
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition, terms_of
from kubectl_meshfix.traffic.policy.evaluation.trust_domains import LOCAL
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.workload_selectors import workloads_of

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*WORKLOAD_INPUTS, *registry.INPUTS, *registry.OPTIONAL, kinds.PEER_AUTHENTICATION)))
"""Kinds that decide."""

OF_IDENTITY = (names.PRINCIPAL, names.NAMESPACE, names.SERVICE_ACCOUNT, names.TRUST_DOMAIN)
"""What only the mesh's mTLS tells a server."""

_PRINCIPAL = re.compile(r"(?P<domain>[^/]+)/ns/(?P<namespace>[^/*]+)/(?:\*|sa/(?:\*|(?P<account>[^/*]+)))")


class Named(msgspec.Struct, frozen=True):
    """Whom an entry of a policy names: all of a namespace, or those of one of its service accounts. ``domain`` is a principal's."""

    namespace: str
    account: str = ""
    domain: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One value of a condition, by its position."""

    policy: AuthorizationPolicy
    condition: Condition
    position: int

    @property
    def value(self) -> str:
        """The value as it is written."""
        return self.condition.values[self.position]


class Nameless(msgspec.Struct, frozen=True):
    """An entry none of whose callers has an identity, and those callers."""

    entry: Entry
    callers: Sequence[Workload]


class Misspelt(msgspec.Struct, frozen=True):
    """A principal of a service account that no pod uses, and the one it may be a slip for; the entry as it should be."""

    entry: Entry
    named: Named
    meant: str | None


def entries(mesh: Mesh, policy: AuthorizationPolicy) -> Sequence[Entry]:
    """The values of a policy that are compared with the caller's identity."""
    memo: dict[Key, Sequence[Entry]] = mesh.memo("identities that policies name")
    key = policy.ref.key
    if key not in memo:
        memo[key] = tuple(_entries(policy))
    return memo[key]


def _entries(policy: AuthorizationPolicy) -> Iterator[Entry]:
    for index, rule in enumerate(policy.spec.rules):
        terms = terms_of(rule, index)
        for condition in terms.conditions if terms else ():
            if condition.attribute in OF_IDENTITY:
                yield from (Entry(policy, condition, position) for position in range(len(condition.values)))


def named(entry: Entry) -> Named | None:
    """Whom an entry names; None where a ``*`` may stand for several namespaces, or for a part of a name."""
    match entry.condition.attribute:
        case names.PRINCIPAL if found := _PRINCIPAL.fullmatch(entry.value):
            return Named(found["namespace"], found["account"] or "", found["domain"])
        case names.NAMESPACE if "*" not in entry.value:
            return Named(entry.value)
        case names.SERVICE_ACCOUNT:
            home, slash, account = entry.value.rpartition("/")
            return Named(home if slash else entry.policy.namespace, account)
    return None


def nameless(mesh: Mesh) -> Iterator[Nameless]:
    """Each entry of which it is known that all its callers send plain text: none has a sidecar, and none is in ambient."""
    if registry.registry(mesh).spans_clusters:
        return
    for policy in mesh.all(AuthorizationPolicy):
        for entry in entries(mesh, policy):
            who = named(entry)
            callers = _callers(mesh, who) if who else ()
            if who and callers and is_seen(mesh, who.namespace) and all(_is_bare(mesh, caller) for caller in callers):
                yield Nameless(entry, callers)


def misspelt(mesh: Mesh) -> Iterator[Misspelt]:
    """Each principal of a service account that no pod of its namespace uses. Files only tell where one of nearly that name is used."""
    if registry.registry(mesh).spans_clusters:
        return
    config = mesh_config(mesh)
    domains = {config.trust_domain, *config.trust_domain_aliases, LOCAL, "*"}
    for policy in mesh.all(AuthorizationPolicy):
        for entry in entries(mesh, policy):
            who = named(entry)
            if who is None or not who.account or (who.domain and who.domain not in domains):
                continue
            used = {caller.spec.service_account_name or "default" for caller in workloads_of(mesh, who.namespace)}
            if (
                not used
                or who.account in used
                or any(who.account.startswith(item.name) for item in mesh.within(KubernetesGateway, who.namespace))
            ):
                continue
            meant = nearest(who.account, used)
            if meant or (mesh.live and is_seen(mesh, who.namespace)):
                yield Misspelt(entry, who, f"{entry.value.removesuffix(who.account)}{meant}" if meant else None)


def disabled(mesh: Mesh) -> Iterator[tuple[Entry, Accepted, Party]]:
    """The first entry of each policy whose pods all accept plain text alone, so that no caller has an identity there."""
    asked = (policy.spec.mtls for policy in mesh.all(PeerAuthentication))
    if not any(mtls is not None and mtls.mode == MTLSMode.DISABLE for mtls in asked):
        return
    for policy in mesh.all(AuthorizationPolicy):
        first = next(iter(entries(mesh, policy)), None)
        behind = enforcers(mesh, policy) if first else ()
        modes = [accepted(mesh, party.namespace, party.labels) for party in behind]
        if first and behind and all(party.plane is Plane.SIDECAR for party in behind) and all(map(_is_off, modes)):
            yield first, next(filter(None, modes)), behind[0]


def _is_off(mode: Accepted | None) -> bool:
    """Whether no port takes mTLS."""
    return mode is not None and mode.mode is MTLSMode.DISABLE and mode.policy is not None and not mode.policy.spec.port_level_mtls


def _callers(mesh: Mesh, who: Named) -> Sequence[Workload]:
    found = workloads_of(mesh, who.namespace)
    return [item for item in found if not who.account or (item.spec.service_account_name or "default") == who.account]


def _is_bare(mesh: Mesh, caller: Workload) -> bool:
    ways = answer(parties_of(mesh, caller))
    return len(ways) == 1 and ways[0].value.plane is Plane.BARE
