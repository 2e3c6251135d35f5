"""MF303: a label about injection that Istio does not read as it was meant."""

from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import patch, removal
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import INPUTS, Mode, membership, predicted
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.rules.injection import injection_spellings, is_served, opt_in, unfinished
from kubectl_meshfix.rules.injection.misspelt_labels import Slip, slips
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

CONSEQUENCES = {True: "so it brings no sidecar", False: "so it keeps no sidecar away", None: "so it says nothing at all"}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each label of a namespace, and the first of each workload, that is not read as it was meant, and has not its effect anyhow."""
    for namespace in mesh.all(Namespace):
        for key, value in namespace.labels.items():
            label = key if key == INJECTION and value not in ("enabled", "disabled") else injection_spellings.namespace_key(key)
            if label and (key == label or label not in namespace.labels) and not injection_spellings.is_placeholder(value):
                yield from _namespace(mesh, namespace, key, label)
    for workload in unfinished(mesh):
        found = (slip for slip in slips(workload) if _matters(mesh, workload, slip))
        if slip := next(found, None):
            yield Finding(
                resource=workload.ref,
                path=slip.path,
                message=f"{slip.what}, {CONSEQUENCES[slip.meant]}.",
                evidence=(membership(mesh, workload).reason,),
                fix=_move(mesh, workload, slip),
                aliases=(),
            )


def _namespace(mesh: Mesh, namespace: Namespace, key: str, label: str) -> Iterator[Finding]:
    value = namespace.labels[key]
    meant = injection_spellings.asks(label, value)
    made = predicted(mesh, namespace.name, PodTemplate())
    effect = made.mode is Mode.AMBIENT if label == DATAPLANE_MODE else made.injected
    if meant is effect or (meant is None and (key != INJECTION or isinstance(effect, Unknown))):
        return
    what = (
        f'{INJECTION} says "{value}", and every webhook waits for "enabled": new pods get no sidecar, whatever their own labels say'
        if key == INJECTION
        else f"Nobody reads the label {key}; Istio's is {label}, {CONSEQUENCES[meant]}"
    )
    yield Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", key),
        message=f"{what}.",
        evidence=(made.reason,),
        fix=_relabel(mesh, namespace, key, label, meant),
        aliases=() if value else RULE.aliases,
    )


def _relabel(mesh: Mesh, namespace: Namespace, key: str, label: str, meant: bool | None) -> Fix:
    old, revision = namespace.labels[key], namespace.labels.get(REVISION_LABEL)
    if label == INJECTION and meant and revision:  # istio-injection would win over it, and nobody may have meant that
        return _unhidden(mesh, namespace, key, revision)
    wanted: tuple[str, str] | None = (label, old)
    if label == INJECTION:
        wanted = opt_in(mesh, namespace.name) if meant else (label, "disabled") if meant is False else None
    if wanted is None:
        commands = (f"kubectl label --overwrite namespace {namespace.name} {INJECTION}=enabled", restarts.of_namespace(namespace.name))
        return manual(f'Write "enabled" or "disabled", or remove {key}; or name a revision with istio.io/rev instead.', *commands)
    path, target = join("metadata", "labels", key), join("metadata", "labels", wanted[0])
    change: tuple[Operation, ...] = (Operation("remove", path), Operation("add", target, wanted[1]))
    if path == target:
        change = (Operation("replace", path, wanted[1]),)
    summary = f"Label the namespace {wanted[0]}={wanted[1]} instead. Running pods stay as they are; restart them to follow it."
    risk = risks.of_namespace_label(is_ambient=label == DATAPLANE_MODE, enters=bool(meant))
    restart = (restarts.of_namespace(namespace.name),)
    return patch(namespace.ref, (Operation("test", path, old), *change), summary, commands=restart, risk=risk)


def _unhidden(mesh: Mesh, namespace: Namespace, key: str, revision: str) -> Fix:
    if not is_served(mesh, namespace.name, {REVISION_LABEL: revision}):
        return manual(f"Remove {key}, and let {REVISION_LABEL} name a revision that there is; or remove both, and set {INJECTION}=enabled.")
    summary = f"Remove {key}, beside which {REVISION_LABEL}={revision} is not heard. Running pods stay as they are; restart them."
    operations = removal(join("metadata", "labels", key), namespace.labels[key])
    commands = (restarts.of_namespace(namespace.name),)
    return patch(namespace.ref, operations, summary, commands=commands, risk=risks.NEW_PODS_ENTER)


def _matters(mesh: Mesh, workload: Workload, slip: Slip) -> bool:
    """Whether a slip keeps its pods from what was meant; where that cannot be told, whether it is a plain mistake."""
    made = membership(mesh, workload)
    effect = made.mode is Mode.AMBIENT if slip.label == DATAPLANE_MODE else made.injected
    if isinstance(effect, Unknown):
        return slip.plain
    return slip.label == INJECT and slip.plain if slip.meant is None else effect is not slip.meant


def _move(mesh: Mesh, workload: Workload, slip: Slip) -> Fix:
    if slip.meant is None:
        return manual(f'Decide, and write {INJECT}: "true" or "false" as a label of the pod template.')
    value = ("true" if slip.meant else "false") if slip.label == INJECT else slip.value
    target = pod_template.label_path(workload, slip.label)
    summary = f'Write it as the label {slip.label}: "{value}" of the pods.'
    labels = {key: item for key, item in workload.labels.items() if pod_template.label_path(workload, key) != slip.path}
    metadata = Meta(labels={**labels, slip.label: value}, annotations=dict(workload.annotations))
    then = predicted(mesh, workload.namespace, PodTemplate(metadata=metadata, spec=workload.spec))
    if slip.label != DATAPLANE_MODE and then.injected is (not slip.meant):
        return manual(summary, why=f"The label alone does not do it: {then.reason}")
    if mesh.live and workload.is_pod:
        return manual(summary, why="Labels of a running pod change nothing: delete the pod and create it anew.")
    gone = () if slip.path == target else (Operation("test", slip.path, slip.value), Operation("remove", slip.alone or slip.path))
    operations = (*gone, *pod_template.set_label(workload, slip.label, value))
    fix = pod_template.change(mesh, workload, operations, summary, Safety.RESTART)
    return at_risk(fix, risks.of_pod_label(is_ambient=slip.label == DATAPLANE_MODE, enters=slip.meant))


RULE = Rule(
    code="MF303",
    name="misspelt-injection-label",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=INPUTS,
    aliases=("IST0102",),
    summary="A label about injection is not read as it was meant",
    check=check,
)
