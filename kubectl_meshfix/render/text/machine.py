"""Reports and rules for programs: JSON, YAML and names. The shapes are schemaVersion 1 (`docs/schema`)."""

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from kubectl_meshfix import __version__
from kubectl_meshfix.render.text.terminal import HIDDEN, safe_line, spelt_out, yaml_escaped
from kubectl_meshfix.report import Asked, Diagnosis, Report
from kubectl_meshfix.rules.rule import Rule, Severity

if TYPE_CHECKING:
    from kubectl_meshfix.rules.coverage import Coverage

SCHEMA_VERSION = 1


def report_document(report: Report) -> dict[str, Any]:
    """A report as plain values."""
    active = report.active
    totals = Counter(row.severity for row in active)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": "kubectl-meshfix", "version": __version__},
        "source": {key: value for key, value in msgspec.to_builtins(report.source).items() if value not in (None, [], ())},
        "coverage": {
            **_looked(report),
            "read": report.read,
            **({"beside": report.beside} if report.source.is_in_cluster else {}),
            "unreadable": msgspec.to_builtins(report.unreadable),
            "skippedRules": msgspec.to_builtins(report.skipped_rules),
        },
        "findings": [_finding(row) for row in report.findings],
        "summary": {
            **{str(severity): totals[severity] for severity in Severity},
            "fixable": sum(row.is_fixable for row in active),
            "suppressed": len(report.findings) - len(active),
        },
        **({"asked": _asked(report.asked)} if report.asked else {}),
        **({"config": report.config} if report.config else {}),
        **({"baseline": msgspec.to_builtins(report.baseline) | {"known": report.known}} if report.baseline else {}),
    }


def _looked(report: Report) -> dict[str, Any]:
    """What the run was about: of a cluster its context and the namespace (null is all of them), of files how many, and in which cluster."""
    looked, source = report.looked, report.source
    where: dict[str, Any] = (
        {"files": len(source.files), **({"context": source.context, "namespace": looked.namespace} if source.is_in_cluster else {})}
        if source.kind == "files"
        else {"namespace": looked.namespace}
        if source.clusters
        else {"context": source.context or None, "namespace": looked.namespace}
    )
    about = {} if report.speaks_of_istio else {"speaksOfIstio": False}
    return (
        where | about | ({"withheld": report.withheld} if report.withheld else {}) | ({"named": list(looked.named)} if looked.named else {})
    )


def _asked(asked: Asked) -> dict[str, Any]:
    """Whom the run asked itself; without --proxies nobody."""
    return {
        "wanted": asked.is_wanted,
        "istiods": asked.istiods,
        "proxies": asked.proxies,
        "of": asked.of,
        **({"sample": asked.sample} if asked.sample is not None else {}),
        "missing": msgspec.to_builtins(asked.missing),
    }


def _finding(row: Diagnosis) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(row)
    del document["steadyPath"], document["onRequest"]
    if row.cluster is None:
        del document["cluster"]
    if row.location and row.location.template is None:
        del document["location"]["template"]
    document["managedBy"] = row.managed_by.name if row.managed_by else None
    return document


def rules_document(rules: tuple[Rule, ...]) -> dict[str, Any]:
    """The catalogue as plain values."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "rules": [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity,
                "aliases": list(rule.aliases),
                "summary": rule.summary,
                "inputs": [kind.resource for kind in rule.inputs],
                "optionalInputs": [kind.resource for kind in rule.optional],
            }
            for rule in rules
        ],
    }


def coverage_document(rows: "tuple[Coverage, ...]") -> dict[str, Any]:
    """The codes of other tools as plain values."""
    return {"schemaVersion": SCHEMA_VERSION, "codes": msgspec.to_builtins(rows)}


def as_json(document: Any) -> str:
    """Indented JSON."""
    text = msgspec.json.format(_encoded(document), indent=2).decode() + "\n"
    is_plain = text.isascii() and "\x7f" not in text
    return text if is_plain else re.sub(HIDDEN, _json_escape, text)


def _encoded(document: Any) -> bytes:
    """JSON without the numbers that tell copies of an object apart in here: their places tell them apart for others."""
    try:
        encoded = msgspec.json.encode(document)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_spelt_out(msgspec.to_builtins(document)))
    return re.sub(rb',"#copy":-?\d+', b"", encoded)


def _spelt_out(value: Any) -> Any:
    """The same with escapes for what is no text: bytes in the names of files that are not UTF-8."""
    match value:
        case str():
            return spelt_out(value)
        case dict():
            return {_spelt_out(key): _spelt_out(item) for key, item in value.items()}
        case list() | tuple():
            return [_spelt_out(item) for item in value]
        case _:
            return value


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def as_yaml(document: Any) -> str:
    """The same document as YAML."""
    text = yaml.dump(msgspec.json.decode(_encoded(document)), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return yaml_escaped(text)


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes a repeated value again instead of as an alias."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_str(self, text: str) -> yaml.ScalarNode:
        node: yaml.ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style='"' if re.search(HIDDEN, text) else None)
        return node


_Plain.add_representer(str, _Plain.represent_str)


def names(report: Report) -> str:
    """``kind.group/name`` of each object with findings, as kubectl's ``-o name`` writes it."""
    found = dict.fromkeys((row.resource.group, row.resource.kind, row.resource.name, row.resource.namespace) for row in report.active)
    return "".join(f"{kind.lower()}{'.' + group if group else ''}/{safe_line(name)}\n" for group, kind, name, _ in found)
