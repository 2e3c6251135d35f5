"""Which findings concern what the user asked about: names, labels, a namespace, the mesh."""

import difflib
from collections.abc import Iterable, Sequence

from kubectl_meshfix.engine import InScope
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection import membership
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.injection.membership import belongs_to_mesh, meant_for_mesh
from kubectl_meshfix.injection.proxy import running_proxies
from kubectl_meshfix.mesh import selectors
from kubectl_meshfix.mesh.control_plane import is_istiod
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace, Pod, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Key, LabelSelector, Object, Struct
from kubectl_meshfix.rules.rule import Finding

INPUTS: tuple[Kind, ...] = (*kinds.WORKLOADS, kinds.SERVICE, kinds.NAMESPACE, *MEMBERSHIP_INPUTS)
"""Kinds that tell whether an object concerns the mesh."""


OF_DEPLOYMENTS = "A Deployment's ReplicaSets are checked with it: name the Deployment."


class NamedTarget(Struct, frozen=True):
    """One ``TYPE`` or ``TYPE/NAME`` of the command line."""

    kinds: tuple[Kind, ...]
    name: str | None = None


def parse_targets(words: Sequence[str]) -> tuple[NamedTarget, ...]:
    """Kubectl's ways to name things: ``deploy``, ``deploy,svc``, ``deploy/cart svc/cart``, ``deploy cart db``. Raises UsageError."""
    if not words:
        return ()
    if any("/" in word for word in words):
        if bare := next((word for word in words if "/" not in word), None):
            raise UsageError(f'"{bare}" is not TYPE/NAME, but the others are.', "Write either TYPE NAME… or TYPE/NAME TYPE/NAME….")
        return tuple(NamedTarget(kinds=_kinds(kind), name=name) for kind, _, name in (word.partition("/") for word in words))
    kind_words, names = words[0].split(","), words[1:]
    found = tuple(kind for word in kind_words if word for kind in _kinds(word))
    return tuple(NamedTarget(kinds=found, name=name) for name in names) or (NamedTarget(kinds=found),)


def _kinds(word: str) -> tuple[Kind, ...]:
    found = tuple(kind for kind in kinds.named(word) if kind not in kinds.UNJUDGED)
    if not found:
        judged = (kind for kind in kinds.KINDS if kind not in kinds.UNJUDGED)
        known = {name for kind in judged for name in (kind.singular, kind.plural, *kind.short)}
        near = difflib.get_close_matches(word.lower(), known, n=3)
        raise UsageError(
            f'meshfix reads no kind "{word}".',
            f"Did you mean {' or '.join(near)}?" if near else "Try deploy, sts, ds, job, cronjob, pod, svc, ns, vs, dr, gw or envoyfilter.",
        )
    return found


def parse_labels(text: str) -> LabelSelector | None:
    """The selector of ``-l``, None where it is empty. Raises UsageError."""
    try:
        return selectors.parse(text) if text else None
    except ValueError as error:
        raise UsageError(
            f'"{error}" is not a label selector.', "Write it as kubectl takes it: app=cart,tier!=db,env in (a,b),!legacy."
        ) from error


class FindingFilter(Struct, frozen=True):
    """What the user asked about; everything where nothing is set."""

    targets: tuple[NamedTarget, ...] = ()
    labels: LabelSelector | None = None
    namespace: str | None = None
    revision: str = ""
    mesh_only: bool = False


def in_scope(meshes: Meshes, question: FindingFilter, among: Meshes | None = None) -> InScope:
    """A filter of findings. ``among`` is where names are looked up, if not in all.

    Raises UsageError where a named object does not exist.
    """
    named = _keys(among or meshes, question.targets, question.namespace) if question.targets else None
    namespace = question.namespace if named is None else None  # names were looked up in it, and what is in no namespace anywhere

    def keeps(finding: Finding) -> bool:
        holding = meshes.holding(finding.resource)
        obj = holding[0].find(finding.resource) if holding else None
        if obj is None:  # a file, or an object that could not be read
            return question.namespace is None or finding.resource.namespace in (None, question.namespace)
        return (
            (named is None or obj.ref.key in named)
            and (namespace is None or any(_belongs_to(mesh, obj, namespace) for mesh in holding))
            and (question.labels is None or selectors.matches(question.labels, _labels(obj)))
            and (not question.mesh_only or any(concerns_mesh(mesh, obj) for mesh in holding))
            and (not question.revision or any(_serves(mesh, obj, question.revision) for mesh in holding))
        )

    return keeps


def is_of_namespace(obj: Object, namespace: str) -> bool:
    """Whether an object is in a namespace, or is that namespace."""
    return namespace in (obj.namespace, obj.name if obj.kind == "Namespace" else "")


def _belongs_to(mesh: Mesh, obj: Object, namespace: str) -> bool:
    """The same, and whether an object is a webhook configuration that takes the namespace's pods."""
    if is_of_namespace(obj, namespace) or not isinstance(obj, MutatingWebhookConfiguration):
        return is_of_namespace(obj, namespace)
    from kubectl_meshfix.injection.unreachable import taken_by  # noqa: PLC0415 -- few findings are about one

    return namespace in taken_by(mesh, obj.name)


def _labels(obj: Object) -> dict[str, str]:
    """An object's labels and those its pods get."""
    made = workload(obj)
    return {**(made.labels if made else {}), **obj.labels}


def _keys(meshes: Meshes, targets: Sequence[NamedTarget], namespace: str | None) -> set[Key]:
    """What was named, and what decides on it: its owner and pods, the Services that select it, its namespace, its webhooks."""
    keys: set[Key] = set()
    for target in targets:
        named = _objects(meshes, target, namespace)
        if not named and target.name is not None:
            raise _not_found(meshes, target, namespace)
        keys |= {related.ref.key for mesh, obj in named for related in _related(mesh, obj)}
    return keys


def _objects(meshes: Meshes, target: NamedTarget, namespace: str | None) -> list[tuple[Mesh, Object]]:
    return [
        (mesh, obj)
        for mesh in meshes
        for kind in target.kinds
        for obj in mesh.all(kind.struct)
        if target.name in (None, obj.name) and (namespace is None or obj.namespace in ("", namespace))
    ]


def absent(meshes: Meshes, targets: Sequence[NamedTarget], namespace: str | None) -> tuple[str, ...]:
    """The kinds that were asked for where there is no object of any of them; empty where there is one, or a name was given."""
    if any(target.name is not None or _objects(meshes, target, namespace) for target in targets):
        return ()
    return tuple(dict.fromkeys(str(kind) for target in targets for kind in target.kinds))


def is_about_namespaces(targets: Sequence[NamedTarget]) -> bool:
    """Whether nothing but objects that are in no namespace was asked for."""
    return bool(targets) and not any(kind.namespaced for target in targets for kind in target.kinds)


def _not_found(meshes: Meshes, target: NamedTarget, namespace: str | None) -> UsageError:
    found = (obj for mesh in meshes for kind in target.kinds for obj in mesh.all(kind.struct))
    candidates = sorted({obj.name for obj in found if namespace in (None, obj.namespace)})
    near = difflib.get_close_matches(target.name or "", candidates, n=3, cutoff=0.4)
    where = f" in namespace {namespace}" if namespace and target.kinds[0].namespaced else ""
    if meshes.first.live and target.kinds == (kinds.REPLICA_SET,):
        return UsageError(f'There is no ReplicaSet "{target.name}"{where} that stands alone.', OF_DEPLOYMENTS)
    return UsageError(
        f'There is no {target.kinds[0].kind} "{target.name}"{where}.',
        f"Did you mean {' or '.join(near)}?" if near else "Check the name and -n, or look everywhere with -A.",
    )


def must_be_in_files(meshes: Meshes, namespace: str) -> None:
    """Raise UsageError for a namespace of which files hold no object."""
    if any(is_of_namespace(obj, namespace) for obj in meshes.objects):
        return
    names = {obj.namespace for obj in meshes.objects} | {obj.name for obj in meshes.objects if obj.kind == "Namespace"}
    near = difflib.get_close_matches(namespace, sorted(names - {""}), n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Check -n, or leave it out to look at all of them."
    raise UsageError(f'These files hold nothing in namespace "{namespace}".', hint)


def must_exist(mesh: Mesh, namespace: str) -> None:
    """Raise UsageError for a namespace that is not there, as far as those that are could be read."""
    if mesh.namespace(namespace) or not mesh.knows(kinds.NAMESPACE, namespace):
        return
    from kubectl_meshfix.injection.subjects import no_namespace  # noqa: PLC0415 -- for the error alone

    raise no_namespace(namespace, [item.name for item in mesh.all(Namespace)])


def _related(mesh: Mesh, obj: Object) -> Iterable[Object]:
    yield obj
    owner = mesh.owner(obj)
    made = workload(owner)
    if not made:
        return
    yield owner
    yield from mesh.pods_of(made)
    yield from mesh.services_selecting(made.namespace, made.labels)
    if space := mesh.namespace(made.namespace):
        yield space
    for name in {webhook.configuration for webhook in membership.membership(mesh, made).webhooks}:
        if configuration := mesh.get(MutatingWebhookConfiguration, "", name):
            yield configuration


def behind(mesh: Mesh, obj: Object) -> tuple[Workload, ...]:
    """The workloads that an object is, made, or leads to."""
    match obj:
        case Pod():
            return (mesh.workload_of(obj),)
        case Service():
            return mesh.workloads_selected(obj.spec.selector, obj.namespace) if obj.spec.selector else ()
        case _:
            made = workload(obj)
            return (made,) if made else ()


def proxies(meshes: Meshes, targets: Sequence[NamedTarget], namespace: str | None, among: Meshes) -> tuple[Pod, ...]:
    """The running pods with a proxy that a question is about: those of the named workloads, pods and Services, as ``among`` has them.

    All of the namespace, or of all namespaces, where no name is given, or one of something else: what is wrong with that shows at any
    proxy. Nothing is raised for a name that is not there.
    """
    everyone = running_proxies(meshes.first, namespace)
    named = [(mesh, obj) for target in targets for mesh, obj in _objects(among, target, namespace)]
    if not named or any(target.name is None for target in targets):
        return everyone
    found = [behind(mesh, obj) for mesh, obj in named]
    if not all(found):
        return everyone
    keys = {pod.ref.key for workloads in found for item in workloads for pod in meshes.first.pods_of(item)}
    return tuple(pod for pod in everyone if pod.ref.key in keys)


def concerns_mesh(mesh: Mesh, obj: Object) -> bool:
    """Whether an object is in the mesh, meant for it, or about it: what no workload of the mesh stands behind is nobody's business."""
    workloads = behind(mesh, obj)
    if workloads:
        from kubectl_meshfix.mesh.node_agents import is_agent  # noqa: PLC0415 -- where the mesh alone counts

        return any(belongs_to_mesh(mesh, item) for item in workloads) or is_istiod(obj) or is_agent(obj)
    return meant_for_mesh(mesh, obj.namespace) if isinstance(obj, Service) else True


def _serves(mesh: Mesh, obj: Object, revision: str) -> bool:
    """Whether a revision's control plane injects the object's pods; objects without pods always count."""
    workloads = behind(mesh, obj)
    return not workloads or any(membership.membership(mesh, item).revision == revision for item in workloads)
