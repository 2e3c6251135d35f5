"""Changes of labels that would bring the sidecar: each is tried on the API server's and the injector's rules before it is proposed."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Status, answer
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.apiserver import NamespaceLabels, matched
from kubectl_meshfix.injection.explanation import Advice
from kubectl_meshfix.injection.injector import decide, find_plane
from kubectl_meshfix.injection.intent import inject_value
from kubectl_meshfix.injection.labels import INJECT, INJECTION, METADATA_NAME
from kubectl_meshfix.injection.prediction import look_at
from kubectl_meshfix.injection.reaching import only_revision, reachable_revisions
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES, REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.resources.workloads import CronJob


def propose_labels(mesh: Mesh, subject: Subject) -> Iterator[Advice]:
    """The first change of labels that works, of the pod's where it asks for itself, else of its namespace's."""
    own_word, _ = inject_value(subject.template)
    is_gateway = any(container.image == "auto" for container in subject.template.spec.containers)
    asks_itself = (
        own_word.lower() == "true" or REVISION_LABEL in subject.template.labels or is_gateway or label_outside(subject) is not None
    )
    ways = (_of_template, _of_namespace) if asks_itself else (_of_namespace, _of_template)
    for way in ways:
        if found := way(mesh, subject):
            yield found
            return
    if subject.namespace not in IGNORED_NAMESPACES and len(served := reachable_revisions(mesh)) > 1:
        command = f"kubectl label namespace {subject.namespace_to_write} {INJECTION}- {REVISION_LABEL}=REVISION"
        text = f"Choose the namespace's revision, one of {', '.join(served)}."
        yield Advice(summary=text, command=command, fix=manual(text, command))


def injects(mesh: Mesh, namespace: str, labels: Mapping[str, str], template: PodTemplate) -> bool:
    """Whether a pod would be injected if its namespace had these labels."""
    called = matched(mesh, NamespaceLabels({**labels, METADATA_NAME: namespace}), template.labels)
    pod = look_at(mesh, namespace, template)
    return any(match.status is Status.PASS and answer(decide(find_plane(mesh, match), pod)).injects is True for match in called)


def label_outside(subject: Subject) -> tuple[str, str] | None:
    """The value of a label that is on the workload, or on a CronJob's Jobs, instead of on its pods, and its JSON pointer."""
    if subject.workload is None or subject.workload.is_pod or INJECT in subject.template.labels:
        return None
    if INJECT in subject.object.labels:
        return subject.object.labels[INJECT], join("metadata", "labels", INJECT)
    jobs = subject.object.spec.job_template.metadata if isinstance(subject.object, CronJob) else None
    return (jobs.labels[INJECT], join("spec", "jobTemplate", "metadata", "labels", INJECT)) if jobs and INJECT in jobs.labels else None


def _of_template(mesh: Mesh, subject: Subject) -> Advice | None:
    workload = subject.workload
    space = mesh.namespace(subject.namespace)
    if workload is None or (space is None and mesh.live):
        return None
    labels = space.labels if space else {}
    revision = _injecting_revision(mesh, subject.namespace)
    for key, value in ((INJECT, "true"), *(((REVISION_LABEL, revision),) if revision else ())):
        added = PodTemplate(metadata=_with(subject.template.metadata, key, value), spec=subject.template.spec)
        if not injects(mesh, subject.namespace, labels, added):
            continue
        text = f'Give the pods the label {key}: "{value}"' + (", in the template." if not workload.is_pod else ".")
        if subject.is_observed and workload.is_pod:
            return Advice(summary=f"{text} Labels of a running pod change nothing: label the pod's template, and delete the pod.")
        fix = pod_template.change(mesh, workload, pod_template.set_label(workload, key, value), text, pod_template.pods_rolled(workload))
        return Advice(summary=fix.advice, command=_patch_command(subject, fix) if subject.is_observed else None, fix=fix)
    return None


def _with(metadata: Meta | None, key: str, value: str) -> Meta:
    old = metadata or Meta()
    return msgspec.structs.replace(old, labels={**old.labels, key: value})


def _patch_command(subject: Subject, fix: Fix) -> str | None:
    if not fix.patches:
        return None
    operations = msgspec.json.encode(fix.patches[0].operations).decode()
    kind = subject.workload.kind.singular if subject.workload else ""
    return f"kubectl patch {kind} {subject.object.name}{subject.ref.namespace_flag} --type json -p '{operations}'"


def _of_namespace(mesh: Mesh, subject: Subject) -> Advice | None:
    space = mesh.namespace(subject.namespace)
    if space is None and mesh.live:
        return None
    present = space.labels if space else {}
    revision = _injecting_revision(mesh, subject.namespace)
    candidates: list[dict[str, str]] = [{INJECTION: "enabled"}]
    if inject_value(subject.template)[0] == "true" and INJECTION in present:
        candidates.insert(0, {})
    if revision:
        candidates.append({REVISION_LABEL: revision})
    for wanted in candidates:
        labels = {key: value for key, value in present.items() if key not in (INJECTION, REVISION_LABEL)} | wanted
        if labels != present and injects(mesh, subject.namespace, labels, subject.template):
            return _relabel(space, subject.namespace_to_write, wanted)
    return None


def _relabel(space: Namespace | None, name: str, wanted: Mapping[str, str]) -> Advice:
    present = space.labels if space else {}
    gone = [key for key in (INJECTION, REVISION_LABEL) if key in present and key not in wanted]
    words = [*(f"{key}={value}" for key, value in wanted.items()), *(f"{key}-" for key in gone)]
    overwrite = " --overwrite" if wanted.keys() & present.keys() else ""
    command = f"kubectl label{overwrite} namespace {name} {' '.join(words)}"
    parts = [
        *(f"label the namespace {key}={value}" for key, value in wanted.items()),
        *(f"remove its label {key}={present[key]}" for key in gone),
    ]
    summary = " and ".join(parts)
    text = f"{summary[:1].upper()}{summary[1:]}; new pods follow it."
    if space is None:
        return Advice(summary=text, command=command)
    operations = _operations(present, wanted, gone)
    patches = (Patch(resource=space.ref, operations=operations),)
    fix = Fix(summary=text, safety=Safety.UNSAFE, risk=risks.NEW_PODS_ENTER, patches=patches, commands=(command,))
    return Advice(summary=text, command=command, fix=fix)


def _operations(present: Mapping[str, str], wanted: Mapping[str, str], gone: Sequence[str]) -> tuple[Operation, ...]:
    if not present:
        return (Operation("add", join("metadata", "labels"), dict(wanted)),)
    touched = [key for key in (*gone, *wanted) if key in present]
    tests = (Operation("test", join("metadata", "labels", key), present[key]) for key in touched)
    removals = (Operation("remove", join("metadata", "labels", key)) for key in gone)
    puts = (Operation("replace" if key in present else "add", join("metadata", "labels", key), value) for key, value in wanted.items())
    return (*tests, *removals, *puts)


def _injecting_revision(mesh: Mesh, namespace: str) -> str | None:
    return only_revision(mesh, lambda value: injects(mesh, namespace, {REVISION_LABEL: value}, PodTemplate()))
