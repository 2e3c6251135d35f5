"""What the rules about logs, Telemetries and EnvoyFilters say of objects that differ in one thing."""

import json

import pytest

from kubectl_meshfix.rules.extensions import access_log_off, envoyfilter_order, telemetry_without_effect
from tests.rules.asking import fix
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

# ---------------------------------------------------------------- MF701

ALONE = "Set accessLogFile: /dev/stdout in the mesh configuration."
REPEATED = f"{ALONE} Repeat it in the Helm values or IstioOperator."
DOMAIN = "trustDomain: cluster.local"


@pytest.mark.parametrize(
    ("mesh", "metadata", "summary", "why", "after"),
    [
        (DOMAIN, "", REPEATED, None, f"{DOMAIN}\naccessLogFile: /dev/stdout"),
        ("{}", "", REPEATED, None, "accessLogFile: /dev/stdout\n"),
        (f"accessLogFile: ''\n{DOMAIN}", "", REPEATED, None, f"accessLogFile: '/dev/stdout'\n{DOMAIN}"),
        (
            DOMAIN,
            "labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: istiod}",
            REPEATED,
            None,
            f"{DOMAIN}\naccessLogFile: /dev/stdout",
        ),
        (DOMAIN, "labels: {managed-by: sail-operator}", ALONE, None, f"{DOMAIN}\naccessLogFile: /dev/stdout"),
        (
            DOMAIN,
            "ownerReferences: [{apiVersion: v1, kind: Frontend, name: mesh, controller: true}]",
            ALONE,
            "Frontend mesh created it and would revert the change; make the change in Frontend mesh.",
            "",
        ),
        (
            "accessLogFile: &none ''\nrootNamespace: *none",
            "",
            ALONE,
            "Line 2 uses the anchor &none of line 1, so a change of one changes both.",
            "",
        ),
    ],
)
def test_logs_are_set_where_they_last(mesh: str, metadata: str, summary: str, why: str | None, after: str) -> None:
    """In the text and in what renders it; by hand where a controller makes the ConfigMap, or where the text shares the value."""
    where = f"{{name: istio, namespace: istio-system, {metadata}}}"
    (found,) = said(access_log_off.RULE, f"{{apiVersion: v1, kind: ConfigMap, metadata: {where}, data: {json.dumps({'mesh': mesh})}}}")
    assert (fix(found).summary, fix(found).why) == (summary, why)
    assert writes(found) == ([("replace", "/data/mesh", after)] if after else [])


# ---------------------------------------------------------------- MF706

LATER = example(envoyfilter_order.RULE, "before its turn")
ANY_VERSION = """  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_OUTBOUND}
    patch: {operation: INSERT_FIRST, value: {name: shop.other}}
"""
FIRST = "spec:\n  priority: 20\n  configPatches:\n"
VERSION = "      proxy:\n        proxyVersion: ^1\\.3\\d.*\n"


@pytest.mark.parametrize(
    ("changes", "aliases"),
    [
        ((), ("IST0155",)),
        (((FIRST, FIRST + ANY_VERSION),), ("IST0155",)),
        (((VERSION, ""),), ("IST0151",)),
    ],
)
def test_others_tell_filters_for_versions_apart(changes: tuple[Change, ...], aliases: tuple[str, ...]) -> None:
    """One patch of the other EnvoyFilter that asks for a version is enough."""
    assert [row.aliases for row in said(envoyfilter_order.RULE, LATER, *changes)] == [aliases]


# ---------------------------------------------------------------- MF707

FILTER = example(telemetry_without_effect.RULE, "a filter in an item of its own")
MOVED = "Move the filter to accessLogging[0], which names the providers."
BY_HAND = "Write the filter beside the providers whose logs it is for, in one item."


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ((), MOVED),
        ((("    - name: envoy\n", "    - name: envoy\n    filter: {expression: 'true'}\n"),), BY_HAND),
        ((("    - name: envoy\n", "    - name: envoy\n    disabled: true\n"),), BY_HAND),
        ((("    - name: envoy\n", "    - name: envoy\n    match: {mode: SERVER}\n"),), BY_HAND),
        ((("    - name: envoy\n", "    - name: envoy\n  - providers: [{name: otel}]\n"),), BY_HAND),
        ((("    - name: envoy\n", "    - name: envoy\n  - disabled: true\n"),), BY_HAND),
    ],
)
def test_a_filter_is_moved_where_two_items_say_one_thing(changes: tuple[Change, ...], summary: str) -> None:
    """The other item is the only other one, is on, for the same requests, and has no filter itself."""
    assert summaries(said(telemetry_without_effect.RULE, FILTER, *changes)) == [summary]
