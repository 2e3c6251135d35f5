"""A CUSTOM policy asks an external authorizer, whose answer nobody knows; one that cannot be used denies what matches."""

from typing import Any

import pytest

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.resources.core import ConfigMap
from tests.traffic.objects import mesh_config, service
from tests.traffic.policy.policies import operation, policy, sentences, source, verdict, ways

ADMIN = operation(paths=["/admin*"])
HTTP = "{service: authz.auth.svc.cluster.local, port: 8000}"
AUTHORIZER = service("authz", "auth", ("http", 8000))


def config(kind: str = "envoyExtAuthzHttp", settings: str = HTTP, name: str = "checker") -> ConfigMap:
    """A mesh configuration with one authorizer."""
    return mesh_config(f"extensionProviders: [{{name: {name}, {kind}: {settings}}}]\n")


def custom(*rules: dict[str, Any], name: str = "ask", provider: str = "checker", **spec: Any) -> Any:
    """A CUSTOM policy."""
    return policy(name, "CUSTOM", *rules, provider={"name": provider}, **spec)


def test_a_good_provider_leaves_both_ways_open() -> None:
    """What matches depends on the provider's answer, and what it lets through is for the other policies to decide."""
    found = ways(config(), AUTHORIZER, custom(ADMIN), policy("none"), path="/admin").value

    assert [way.value.failure.name for way in found if way.value.failure] == ["PROVIDER_DENIED", "NOT_ALLOWED"]
    assert [[given.is_so for given in way.given] for way in found] == [[True], [False]]
    assert verdict(config(), AUTHORIZER, custom(ADMIN), path="/") == "allowed"
    assert verdict(config(), AUTHORIZER, custom(), path="/admin") == "allowed"


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (config(), "other"),
        (config(settings="{service: gone.auth.svc.cluster.local, port: 8000}"), "checker"),
        (config(settings="{service: authz.auth.svc.cluster.local}"), "checker"),
        (config(settings="{service: authz.auth.svc.cluster.local, port: 8000, statusOnError: '999'}"), "checker"),
        (config(settings="{service: authz.auth.svc.cluster.local, port: 8000, pathPrefix: x}"), "checker"),
        (config(kind="zipkin"), "checker"),
        (config(name="Checker"), "Checker"),
    ],
)
def test_a_bad_provider_denies_what_matches(made: ConfigMap, named: str) -> None:
    """The rule stands under its own name with a suffix; what does not match goes on."""
    prefix = f"BAD_PROVIDER istio-ext-authz-{named}-ns[shop]-policy[ask]-rule[0]-deny-due-to-bad-CUSTOM-action"

    assert verdict(made, AUTHORIZER, custom(ADMIN, provider=named), path="/admin") == prefix
    assert verdict(made, AUTHORIZER, custom(ADMIN, provider=named), path="/") == "allowed"


def test_two_providers_on_one_workload_are_both_bad() -> None:
    """Unless istiod is told to allow it."""
    both = mesh_config(f"extensionProviders: [{{name: a, envoyExtAuthzHttp: {HTTP}}}, {{name: b, envoyExtAuthzHttp: {HTTP}}}]\n")

    assert verdict(both, AUTHORIZER, custom({}, name="x", provider="a"), custom({}, name="y", provider="b")).startswith("BAD_PROVIDER")
    assert verdict(both, AUTHORIZER, custom(ADMIN, name="x", provider="a"), custom(ADMIN, name="y", provider="b")) == "allowed"


def test_on_tcp_a_provider_of_http_is_ignored_and_paths_are_not_looked_at() -> None:
    """GRPC is asked for every connection, a bad provider denies every one."""
    assert verdict(config(), AUTHORIZER, custom(ADMIN), is_http=False) == "allowed"
    assert verdict(config("envoyExtAuthzGrpc"), AUTHORIZER, custom(ADMIN), is_http=False) == "?"
    assert verdict(config(), AUTHORIZER, custom(ADMIN, provider="other"), is_http=False).startswith("BAD_PROVIDER")


def test_it_is_said_why_the_provider_cannot_be_used() -> None:
    """The reason names the host that nobody registers."""
    made = config(settings="{service: gone.auth.svc.cluster.local, port: 8000}")

    why = "its host gone.auth.svc.cluster.local is not registered"
    assert sentences(made, custom(ADMIN), path="/admin", status=Status.FAIL) == [
        f"AuthorizationPolicy shop/ask rules[0] denies it, because provider checker cannot be used: {why}."
    ]


def test_an_address_that_is_not_known_leaves_open_whether_it_is_asked() -> None:
    """One that is bad denies what matches, one that is good may refuse it."""
    inside = source(ipBlocks=["10.0.0.0/8"])
    for provider, failure in (("other", "BAD_PROVIDER"), ("checker", "PROVIDER_DENIED")):
        found = ways(config(), AUTHORIZER, custom(inside, provider=provider), source_ip="").value
        assert [way.value.failure.name if way.value.failure else "" for way in found] == [failure, ""]


def test_a_dry_run_of_a_custom_policy_may_deny() -> None:
    """Newer versions put it among the rules that deny, against its purpose."""
    assert verdict(config(), AUTHORIZER, custom(ADMIN, dry_run="true"), path="/admin") == "?"
    assert verdict(config(), AUTHORIZER, custom(ADMIN, dry_run="true"), path="/") == "allowed"
