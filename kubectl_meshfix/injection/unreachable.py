"""Webhooks of the injector that cannot be called, whom that keeps from creating pods, and the way out."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection.apiserver import Candidate, called_by_name, injectors, matched, namespace_labels
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS as INPUTS
from kubectl_meshfix.injection.kubelet import find_refusal, find_refusal_now
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.injection.reaching import path_of
from kubectl_meshfix.mesh.control_plane import TAG_LABEL, control_plane, serving_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.meta import Ref


class Unreachable(NamedTuple):
    """A webhook whose calls fail, and by which check; ``namespaces`` are those whose pods it takes, ``refused`` the workloads that say so.

    ``opens`` says that pods get through without a sidecar.
    """

    candidate: Candidate
    broken: Step
    opens: bool
    namespaces: tuple[str, ...] = ()
    refused: tuple[Ref, ...] = ()

    @property
    def tag(self) -> str:
        """The revision tag that the webhook is for; empty where it is a revision's own."""
        return self.candidate.configuration.labels.get(TAG_LABEL, "")

    @property
    def is_reported(self) -> bool:
        """Whether it is worth a finding: it takes pods, has refused some, or is a tag's."""
        return bool(self.namespaces or self.refused or self.tag)


def unreachable_webhooks(mesh: Mesh) -> Iterator[Unreachable]:
    """The first failing webhook of each configuration, first those that take pods; of the API server's objects and its own words."""
    namespaces, said = _selected(mesh), _reported(mesh)
    found: dict[str, Unreachable] = {}
    for item in injectors(mesh):
        name = (item.configuration.name, item.webhook.name)
        path = path_of(mesh, item).value
        broken = path.broken or next((step for step, _ in said.get(name, ())), None)
        if broken is None:
            continue
        taken, refused = tuple(sorted(namespaces.get(name, ()))), tuple(ref for _, ref in said.get(name, ()))
        before = found.get(item.configuration.name)
        if before is None:
            opens = item.webhook.failure_policy == "Ignore"
            found[item.configuration.name] = Unreachable(item, broken, opens, taken, refused)
        else:
            both = tuple(sorted({*before.namespaces, *taken}))
            found[item.configuration.name] = before._replace(namespaces=both, refused=(*before.refused, *refused))
    yield from found.values()


def reported(mesh: Mesh) -> tuple[Unreachable, ...]:
    """Those of them that are worth a finding."""
    mesh.require(*INPUTS)
    return mesh.cached("reported webhooks", lambda view: tuple(found for found in unreachable_webhooks(view) if found.is_reported))


def taken_by(mesh: Mesh, configuration: str) -> frozenset[str]:
    """The namespaces of which a webhook configuration takes pods."""
    return frozenset(name for (of, _), names in _selected(mesh).items() if of == configuration for name in names)


def _selected(mesh: Mesh) -> dict[tuple[str, str], set[str]]:
    """The namespaces whose pods each webhook takes, by itself or by the labels of a workload."""
    mesh.require(*INPUTS)
    return mesh.cached("namespaces by webhook", _select)


def _select(mesh: Mesh) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for space in mesh.all(Namespace):
        if not space.metadata.deletion_timestamp:
            for match in matched(mesh, namespace_labels(mesh, space.name), {}):
                if match.status is Status.PASS:
                    found[match.configuration, match.webhook].add(space.name)
    for workload in mesh.workloads:
        if not workload.has_ended and not has_proxy(workload.spec):
            for webhook in membership(mesh, workload).webhooks:
                found[webhook.configuration, webhook.webhook].add(workload.namespace)
    return found


def _reported(mesh: Mesh) -> dict[tuple[str, str], list[tuple[Step, Ref]]]:
    """The workloads whose pods are refused because a webhook cannot be called, by webhook."""
    found: dict[tuple[str, str], list[tuple[Step, Ref]]] = defaultdict(list)
    for workload in mesh.workloads:
        made = membership(mesh, workload)
        now = None if workload.has_ended else find_refusal_now(mesh, workload, made)
        if now is None or not now.refused.webhook:
            continue
        called = {(webhook.configuration, webhook.webhook) for webhook in made.webhooks}
        names = [(item.configuration.name, item.webhook.name) for item in called_by_name(mesh, now.refused.webhook, now.refused.host)]
        for name in [name for name in names if name in called][:1] or names[:1]:
            found[name].append((now.refused.step, workload.ref))
    return found


def remedy(mesh: Mesh, candidate: Candidate, broken: Step) -> Fix:
    """The way out for a webhook whose calls fail; by hand, because the tool that installed Istio would put back what is changed."""
    name, kind, service = candidate.configuration.name, candidate.configuration.kind.lower(), candidate.webhook.client_config.service
    where = f"{service.namespace}/{service.name}" if service else "istiod"
    check = broken.outcome.check
    if check is checks.SERVICE:
        return _of_missing_service(mesh, candidate, where)
    if check is checks.PORT and service:
        port = {"name": "https-webhook", "port": service.port, "targetPort": 15017}
        change = json.dumps([{"op": "add", "path": "/spec/ports/-", "value": port}])
        command = f"kubectl patch service {service.name} -n {service.namespace} --type json -p '{change}'"
        return manual(f"Give Service {where} the port {service.port} again, with the targetPort 15017.", command)
    if broken.outcome is checks.SCALED_DOWN and broken.at:
        deployment = broken.at.resource
        command = f"kubectl scale deployment/{deployment.name} -n {deployment.namespace} --replicas 1"
        return manual(f"Scale {deployment} up again.", command)
    if check in (checks.ENDPOINTS, checks.ISTIOD) and service:
        return manual(f"Get the pods of Service {where} ready.", f"kubectl get pods -n {service.namespace} -l app=istiod")
    if row := find_refusal(broken.outcome):
        return manual(row.advice, *((row.command,) if row.command else ()))
    if check is checks.CA_BUNDLE:
        text = (
            f"Restart istiod, which writes the caBundle. If that does not help, see what else writes {name} (GitOps), and its istio.io/rev."
        )
        return manual(text, f"kubectl get {kind} {name} -L istio.io/rev")
    return manual("Find out why istiod does not answer, by what the message says.")


def _of_missing_service(mesh: Mesh, candidate: Candidate, where: str) -> Fix:
    """Delete what is left of a revision that is gone; restore the Service of an istiod that is there."""
    name, tag = candidate.configuration.name, candidate.configuration.labels.get(TAG_LABEL, "")
    revision = serving_revision(candidate.configuration, candidate.webhook)
    service = candidate.webhook.client_config.service
    plane = control_plane(mesh, revision, service.namespace if service else None)
    if plane and plane.deployment:
        return manual(f"Restore Service {where} by the tool that installed Istio: its istiod, {plane.deployment}, is there.")
    if mesh.live and not mesh.knows(kinds.DEPLOYMENT, service.namespace if service else ""):
        return manual(f"Install revision {revision} again, or delete {name} if that revision is gone. Deployments were not read.")
    delete = f"kubectl delete {candidate.configuration.kind.lower()} {name}"
    others = sorted(_sound(mesh)) if tag else []
    if others:
        text = f"Set the tag {tag} to a revision that is there ({', '.join(others)}), or delete the leftover {name}."
        return manual(text, f"istioctl tag set {tag} --revision REVISION --overwrite", delete)
    return manual(f"Delete {name}, which is left over. If revision {revision} is still wanted, install it again instead.", delete)


def _sound(mesh: Mesh) -> set[str]:
    """Revisions, without tags, of which an istiod can be called."""
    own = (item for item in injectors(mesh) if TAG_LABEL not in item.configuration.labels)
    return {serving_revision(item.configuration, item.webhook) for item in own if path_of(mesh, item).value.broken is None}
