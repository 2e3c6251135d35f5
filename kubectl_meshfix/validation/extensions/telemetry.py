"""What istiod's webhook says of a Telemetry (`pkg/config/validation/validation.go ValidateTelemetry`)."""

from collections.abc import Mapping

from kubectl_meshfix.validation.values import cel
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.attachments import attachment
from kubectl_meshfix.validation.values.fields import entries, has, items, number, part, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_TAGS = {"literal": "value", "header": "name", "environment": "name"}


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a Telemetry."""
    yield from annotations(metadata)
    yield from attachment(spec)
    for path, metrics in parts(spec, "metrics", "/spec"):
        yield from _providers(metrics, path)
        for place, override in parts(metrics, "overrides", path):
            yield from _override(override, place)
    if _is_mixed([tracing for _, tracing in parts(spec, "tracing", "/spec")]):
        effect = "What an entry says replaces what the ones before it say, field by field"
        yield warning("/spec/tracing", "tracing has several entries for the same requests, and one is supported", effect=effect)
    for path, tracing in parts(spec, "tracing", "/spec"):
        yield from _tracing(tracing, path)
    for path, logging in parts(spec, "accessLogging", "/spec"):
        yield from _logging(logging, path)


def _is_mixed(tracing: list[Fields]) -> bool:
    """Whether there are several entries, of which not just one is for calls and one for what is called. istiod warns of those too."""
    modes = sorted(text(part(entry, "match"), "mode") for entry in tracing)
    return len(modes) > 1 and modes != ["CLIENT", "SERVER"]


def _providers(fields: Fields, path: str) -> Violations:
    for place, provider in parts(fields, "providers", path):
        if not text(provider, "name"):
            yield Violation(path=place, says="a provider has no name")


def _override(override: Fields, path: str) -> Violations:
    for place, name, tag in entries(override, "tagOverrides", path):
        if not name:
            yield warning(place, "tagOverrides has a tag without a name")
        if not isinstance(tag, Mapping):
            continue
        operation, value = text(tag, "operation") or "UPSERT", text(tag, "value")
        if operation == "UPSERT" and not value:
            says = f'tagOverrides has no value for the tag "{name}"; write one, or operation: REMOVE'
            yield Violation(path=place, says=says)
        elif operation == "REMOVE" and value:
            says = f'tagOverrides removes the tag "{name}", and gives it a value too'
            yield Violation(path=f"{place}/value", says=says)
    match = part(override, "match")
    if has(match, "customMetric") and not text(match, "customMetric"):
        yield Violation(path=f"{path}/match/customMetric", says="customMetric is empty, and has to name a metric")


def _tracing(tracing: Fields, path: str) -> Violations:
    if len(items(tracing, "providers")) > 1:
        yield warning(f"{path}/providers", "tracing has several providers, and one is supported", effect="Istio uses the first one")
    yield from _providers(tracing, path)
    share = number(tracing, "randomSamplingPercentage")
    if not 0 <= share <= 100:
        yield Violation(path=f"{path}/randomSamplingPercentage", says=f"randomSamplingPercentage is {share}, and a percentage is 0 to 100")
    for place, name, tag in entries(tracing, "customTags", path):
        if not name:
            yield Violation(path=place, says="customTags has a tag without a name")
        for kind, field in _TAGS.items():
            said = part(tag, kind) if isinstance(tag, Mapping) else None
            if said is not None and not text(said, field):
                yield Violation(path=f"{place}/{kind}", says=f'customTags has no {kind}.{field} for the tag "{name}"')


def _logging(logging: Fields, path: str) -> Violations:
    yield from _providers(logging, path)
    chosen = part(logging, "filter")
    if chosen is not None and (unlike := cel.flaw(text(chosen, "expression"))):
        place = f"{path}/filter/expression" if text(chosen, "expression") else f"{path}/filter"
        yield Violation(path=place, says=f"expression is not one of CEL: {unlike}")
