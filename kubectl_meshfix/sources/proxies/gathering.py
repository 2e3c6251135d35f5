"""All answers of one run: every ready istiod, and the proxies or a sample of them, side by side."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kubectl_meshfix.errors import MeshfixError, SourceError, unforeseen
from kubectl_meshfix.injection.proxy import is_running, running_proxies
from kubectl_meshfix.mesh.answers import Answers, Connected, Istiod, NotAsked, Proxy, proxy_of
from kubectl_meshfix.mesh.control_plane import SYSTEM_NAMESPACE, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.object_lists import list_objects, no_progress
from kubectl_meshfix.sources.proxies import parties, statistics, sync
from kubectl_meshfix.sources.proxies.asking import Ask, asker
from kubectl_meshfix.sources.proxies.questions import METRICS, SYNC, Question
from kubectl_meshfix.sources.proxies.side_by_side import done

WORKERS = 8
"""Pods that are asked at the same time; as many as connections are kept."""

PATIENCE = 60.0
"""Seconds for all pods together. What has not answered by then is said to be unasked."""

Progress = Callable[[object], None]


class _Errand(NamedTuple):
    """One question to one pod, and what to make of the answer."""

    pod: Pod
    question: Question
    read: Callable[[bytes], Istiod | Proxy | tuple[Connected, ...]]
    subject: str


class _Istiods(NamedTuple):
    """The istiods that can be asked; ``are_all`` says that no other serves this mesh."""

    ready: tuple[Pod, ...]
    missing: tuple[NotAsked, ...] = ()
    are_all: bool = True


def gather(  # noqa: PLR0913
    connection: Connection,
    mesh: Mesh,
    everyone: Sequence[Pod] | None = None,
    *,
    largest: int | None = None,
    progress: Callable[[int], Progress] = lambda _: lambda _: None,
    seconds: float = PATIENCE,
) -> Answers:
    """Ask istiods, and the proxies of ``everyone``, of all pods where it is None; at most ``largest`` where it is given.

    Never raises MeshfixError: what gave no answer is in ``missing``. ``progress`` gets the number of questions first.
    """
    everyone = running_proxies(mesh) if everyone is None else everyone
    chosen = everyone if largest is None else parties.sample(mesh, everyone, largest)
    istiods = _istiods(connection, mesh)
    errands = [errand for pod in istiods.ready for errand in _to_istiod(pod)] + [_to_proxy(pod) for pod in chosen]
    tell, ask = progress(len(errands)), asker(connection)
    answers: dict[int, Istiod | Proxy | tuple[Connected, ...] | NotAsked] = {}
    for number, answer in done(range(len(errands)), lambda number: _answer(ask, errands[number]), workers=WORKERS, seconds=seconds):
        answers[number] = answer
        tell(errands[number].subject)
    late = f"the {seconds:g} s for all were over"
    rows = [answers.get(number, NotAsked(subject=errand.subject, reason=late)) for number, errand in enumerate(errands)]
    lists = [row for row in rows if isinstance(row, tuple)]
    return Answers(
        istiods=tuple(row for row in rows if isinstance(row, Istiod)),
        proxies=tuple(sorted((row for row in rows if isinstance(row, Proxy)), key=lambda row: row.pod)),
        connected=tuple(sorted((row for found in lists for row in found), key=lambda row: (row.namespace, row.name, row.istiod))),
        is_every_istiod=istiods.are_all and len(lists) == len(istiods.ready),
        of=len(everyone),
        at=connection.taken_at or "",
        missing=(*istiods.missing, *(row for row in rows if isinstance(row, NotAsked))),
    )


def _answer(ask: Ask, errand: _Errand) -> Istiod | Proxy | tuple[Connected, ...] | NotAsked:
    try:
        return errand.read(ask(errand.pod.ref, errand.question))
    except MeshfixError as error:
        return NotAsked(subject=errand.subject, reason=error.message.rstrip("."))
    except Exception as error:  # a pod's answer must not end a run
        return NotAsked(subject=errand.subject, reason=unforeseen(error))


def _to_istiod(pod: Pod) -> Sequence[_Errand]:
    ref = pod.ref
    env = {var.name: var.value for container in pod.spec.containers if container.name == "discovery" for var in container.env}
    cluster = env.get("CLUSTER_ID") or "Kubernetes"
    return (
        _Errand(pod, METRICS, lambda body: statistics.istiod_of(ref, body), f"istiod {ref.path}: metrics"),
        _Errand(pod, SYNC, lambda body: sync.connected_of(ref, body, cluster), f"istiod {ref.path}: connected proxies"),
    )


def _to_proxy(pod: Pod) -> _Errand:
    ref = pod.ref
    return _Errand(pod, parties.question_for(pod), lambda body: statistics.proxy_of(ref, body), proxy_of(ref))


def _istiods(connection: Connection, mesh: Mesh) -> _Istiods:
    """The ready istiods of every control plane that is known. One whose pods are not here may run elsewhere."""
    planes = control_planes(mesh)
    local = {plane.namespace for plane in planes if plane.deployment}
    ready: list[Pod] = []
    missing: list[NotAsked] = []
    are_all = bool(planes)
    for namespace in sorted({plane.namespace for plane in planes} or {SYSTEM_NAMESPACE}):
        try:
            pods = _pods(connection, mesh, namespace)
        except SourceError as error:
            missing.append(NotAsked(subject=f"istiods in namespace {namespace}", reason=error.message.rstrip(".")))
            are_all = False
            continue
        ready += [pod for pod in pods if is_running(pod) and pod.is_ready]
        if not pods and namespace not in local:
            missing.append(NotAsked(subject=f"istiods in namespace {namespace}", reason="no pod of one is there; it may run elsewhere"))
            are_all = False
    return _Istiods(tuple(ready), tuple(missing), are_all)


def _pods(connection: Connection, mesh: Mesh, namespace: str) -> tuple[Pod, ...]:
    """The pods of istiods, out of the mesh where it holds them. Raises as a list does."""
    if mesh.knows(kinds.POD, namespace):
        return tuple(filter(parties.is_istiod, mesh.within(Pod, namespace)))
    found, _ = list_objects(connection, kinds.POD, "v1", namespace, no_progress, labels="app=istiod")
    return tuple(pod for pod in found if isinstance(pod, Pod) and parties.is_istiod(pod))
