"""The tables of ``kubectl_meshfix/validation/fields``, from CustomResourceDefinitions: ``python docs/fields.py CRD.yaml...``, by hand.

Istio's are in `manifests/charts/base/files/crd-all.gen.yaml`, the Gateway API's in `config/crd/experimental`, which has every field of
`config/crd/standard`. A table holds facts alone: names, types, bounds, and which fields exclude each other.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).parent.parent / "kubectl_meshfix" / "validation" / "fields"

COPIED = (
    "type", "enum", "format", "pattern", "required", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
    "minProperties", "maxProperties",
)  # fmt: skip
"""What a node of a table says in the schema's own words."""

DURATION, PORT = "duration(self) >= duration('1ms')", "0 < self && self <= 65535"
TIMES = ("idleTimeout", "budgetInterval", "weightExpirationPeriod", "weightStabilizationPeriod", "weightUpdatePeriod")
"""Durations (`google.protobuf.Duration`) of which Istio's schemas may say no more than that they are texts; istiod cannot read another."""

_COUNTED = re.compile(r"\(has\(self\.(\w+)\) \? 1 : 0\)")


class Table:
    """The nodes of one kind, each of them once."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}

    def add(self, schema: dict[str, Any], name: str = "") -> int:
        """The number of the node of a schema, and of a field's ``name``."""
        node = {key: schema[key] for key in COPIED if key in schema}
        if name in TIMES and node["type"] == "string":
            node["format"] = "time"
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            node["free"] = True
        if schema.get("x-kubernetes-int-or-string"):
            node["type"] = "int-or-string"
        if "properties" in schema:
            node["properties"] = {name: self.add(part, name) for name, part in sorted(schema["properties"].items())}
            by_default = {name for name, part in schema["properties"].items() if "default" in part}
            node["required"] = [name for name in schema.get("required", ()) if name not in by_default]
        if isinstance(schema.get("additionalProperties"), dict):
            node["values"] = self.add(schema["additionalProperties"])
        if "items" in schema:
            node["items"] = self.add(schema["items"])
        if schema.get("x-kubernetes-list-type") == "map":
            node["keys"] = schema["x-kubernetes-list-map-keys"]
        node |= limits(schema)
        text = json.dumps(node, sort_keys=True)
        if text not in self._known:
            self._known[text] = len(self.nodes)
            self.nodes.append(node)
        return self._known[text]


def limits(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says of fields together, and what it says in CEL of a value."""
    groups = {"atMostOne": sorted(at_most_one(schema)), "exactlyOne": sorted(exactly_one(schema))}
    found: dict[str, Any] = {name: group for name, group in groups.items() if group}
    rules = [row["rule"].strip() for row in schema.get("x-kubernetes-validations", ())]
    if DURATION in rules:
        found["format"] = "duration"
    return found | {"minimum": 1, "maximum": 65535} if PORT in rules else found


def at_most_one(schema: dict[str, Any]) -> Iterator[list[str]]:
    """The fields that exclude each other."""
    for part in (schema, *schema.get("allOf", ())):
        names = [row["required"][0] for row in part.get("oneOf", ()) if list(row) == ["required"]]
        if len(names) > 1:
            yield names
    for row in schema.get("x-kubernetes-validations", ()):
        names = _COUNTED.findall(row["rule"])
        if row["rule"].strip() == " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in names) + " <= 1":
            yield names


def exactly_one(schema: dict[str, Any]) -> Iterator[list[str]]:
    """The fields of which one has to be there."""
    for row in schema.get("x-kubernetes-validations", ()):
        if found := re.fullmatch(r"has\(self\.(\w+)\) != has\(self\.(\w+)\)", row["rule"].strip()):
            yield list(found.groups())


def table(definition: dict[str, Any]) -> dict[str, Any]:
    """A kind's table: the number of each version's ``spec``, and the nodes."""
    made = Table()
    versions = {}
    for version in definition["spec"]["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        versions[version["name"]] = made.add(schema["properties"]["spec"])
    requires = any("spec" in row["schema"]["openAPIV3Schema"].get("required", ()) for row in definition["spec"]["versions"])
    return {"versions": versions, "nodes": made.nodes, "requires": requires}


def main(files: list[str]) -> None:
    """Write a table for each kind that some files define."""
    for file in files:
        for definition in yaml.safe_load_all(Path(file).read_text("utf-8")):
            if definition and definition["kind"] == "CustomResourceDefinition":
                group, kind = definition["spec"]["group"], definition["spec"]["names"]["kind"]
                text = json.dumps(table(definition), separators=(",", ":"))
                (TABLES / f"{kind}.{group}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
