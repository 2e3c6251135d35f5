"""Edits of the injector's configuration, which is text: of its selectors and nothing else, and where the same change is needed."""

import json
import re
from typing import Any

from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.fixes.istio_installer import Form, Source, source_of
from kubectl_meshfix.fixes.managed_by import manager
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.mesh.openshift import DEPLOYER_POD, OPENSHIFT_PODS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.injector_config import InjectorConfig, read_injector_config
from kubectl_meshfix.resources.meta import LabelSelector, Ref, Requirement

NEVER, ALWAYS = LISTS = ("neverInjectSelector", "alwaysInjectSelector")
"""The two lists of selectors; a pod that an item of the first matches is not injected, one that an item of the second matches is."""


def exists(key: str) -> dict[str, Any]:
    """A selector, as it is written, for every pod that has a label."""
    return {"matchExpressions": [{"key": key, "operator": "Exists"}]}


BUILDS_LEAVE = "Build pods call without the mesh: servers with STRICT mTLS, or policies for callers, refuse what they need from there."
"""The risk of keeping sidecars away from build pods, which may fetch from servers in the mesh. Deployer pods only call the API server."""


def is_deployer_pod(selector: LabelSelector) -> bool:
    """Whether a selector is for deployer pods and no others."""
    return selector == LabelSelector(match_expressions=(Requirement(key=DEPLOYER_POD, operator="Exists"),))


def is_openshift_pod(selector: LabelSelector) -> bool:
    """Whether a selector is for build or deployer pods and no others."""
    return selector in [LabelSelector(match_expressions=(Requirement(key=key, operator="Exists"),)) for key in OPENSHIFT_PODS]


def key_of(text: str, field: str) -> str:
    """How the text spells one of the two keys; the decoder takes it in any case."""
    documents = read(text).documents
    keys = documents[0].value if documents and isinstance(documents[0].value, dict) else {}
    return next((key for key in reversed(keys) if key.lower() == field.lower()), field)


def items_of(text: str, field: str) -> list[Any]:
    """The items of one of the two lists, as they are written."""
    documents = read(text).documents
    keys = documents[0].value if documents and isinstance(documents[0].value, dict) else {}
    found = keys.get(key_of(text, field))
    return found if isinstance(found, list) else []


def reading(config: InjectorConfig, text: str) -> InjectorConfig:
    """The configuration with another text; its values stay."""
    made = read_injector_config(config.config_map, {"config": text, "values": "{}"})
    return InjectorConfig(
        config_map=config.config_map,
        text=text,
        policy=made.policy,
        never_inject_selector=made.never_inject_selector,
        always_inject_selector=made.always_inject_selector,
        default_templates=made.default_templates,
        templates=made.templates,
        aliases=made.aliases,
        values=config.values,
    )


def edit_command(config: InjectorConfig) -> str:
    """The command that opens the configuration in an editor."""
    return f"kubectl edit configmap {config.config_map.name}{config.config_map.namespace_flag}"


def rewrite(mesh: Mesh, config: InjectorConfig, text: str, summary: str, safety: Safety) -> Fix:
    """The fix that gives the ConfigMap another text. ``summary`` has no full stop: where else the change belongs is added to it."""
    ref = config.config_map
    found = mesh.find(ref)
    config_map = found if isinstance(found, ConfigMap) else ConfigMap()
    lists = {field: items_of(text, field) for field in LISTS if items_of(text, field) != items_of(config.text, field)}
    source, maker = source_of(config_map), manager(config_map)
    if maker and maker.is_maker and source.form is not Form.SAIL:
        return manual(f"{summary}.", why=f"{maker}; {maker.remedy}.")
    where, command = _where_it_lasts(mesh, source, ref, {"sidecarInjectorWebhook": lists})
    return patch(ref, replacement("/data/config", config.text, text), f"{summary}{where}", safety, commands=(command,))


def _where_it_lasts(mesh: Mesh, source: Source, ref: Ref, values: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Where the ConfigMap's owner needs the same change, as the end of the summary, and the command that makes it there."""
    match source.form:
        case Form.SAIL:
            resource = json.dumps({"spec": {"values": values}})
            where = f", in spec.values of Istio {source.name}: Sail writes this ConfigMap."
            return where, f"kubectl patch istio {source.name} --type merge -p '{resource}'"
        case Form.OPERATOR:
            return ". Repeat it in the IstioOperator.", f"kubectl meshfix apply configmap/{ref.name}{ref.namespace_flag} -o helm-values"
        case Form.CHART:
            sets = " ".join(
                f"--set-json '{key}.{field}={json.dumps(items)}'" for key, lists in values.items() for field, items in lists.items()
            )
            chart = f"istio/istiod --version {_installed(mesh, source)}"
            command = f"helm upgrade {source.name} {chart}{ref.namespace_flag} --reuse-values {sets}"
            return ". Repeat it in the Helm values or IstioOperator.", command


def _installed(mesh: Mesh, source: Source) -> str:
    """The version of the chart that is installed; without it, helm would upgrade istiod to the newest one."""
    plane = control_plane(mesh, source.revision, source.namespace)
    found = re.search(r"(?<!\d)\d+\.\d+\.\d+", plane.version.text) if plane and plane.version else None
    return found.group() if found else "VERSION"
