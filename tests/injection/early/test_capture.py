"""Which connections are redirected to the proxy."""

import msgspec
import pytest

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.early import Host, InitCall, bypass, is_captured_inbound, is_redirected_outbound
from kubectl_meshfix.injection.proxy_ids import ProxyIds, ids_of
from kubectl_meshfix.injection.redirection.rules import outbound
from kubectl_meshfix.injection.redirection.settings import Outbound, outbound_settings, settings_of_pod
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.core import Namespace, PodSpec
from kubectl_meshfix.resources.injector_config import InjectorConfig, InjectorValues
from kubectl_meshfix.resources.meta import Ref

OUT, IN = "traffic.sidecar.istio.io/excludeOutboundPorts", "traffic.sidecar.istio.io/excludeInboundPorts"
RANGES, INCLUDED = "traffic.sidecar.istio.io/excludeOutboundIPRanges", "traffic.sidecar.istio.io/includeOutboundIPRanges"
ONLY = "traffic.sidecar.istio.io/includeInboundPorts"
IDS = ProxyIds(1337, 1337, 1338, "")
VALUES = InjectorValues()


def call(*hosts: tuple[str, int | None], user: int | None = None, group: int | None = None) -> InitCall:
    """An init container that calls these hosts."""
    return InitCall(container="c", index=0, says="", hosts=tuple(Host(*host) for host in hosts), user=user, group=group)


@pytest.mark.parametrize(
    ("made", "annotations", "redirected"),
    [
        (call(), {}, True),
        (call(user=1337), {}, False),
        (call(group=1337), {}, False),
        (call(user=1338, group=1), {}, True),
        (call(("db", 5432)), {OUT: "5432"}, False),
        (call(("db", 5433)), {OUT: "5432, 80"}, True),
        (call(("db", 5432), ("web", 80)), {OUT: "5432"}, True),
        (call(("db", None)), {OUT: "5432"}, False),
        (call(), {OUT: "5432"}, False),
        (call(("db", 5432)), {RANGES: "10.0.0.0/8"}, False),
        (call(("10.1.2.3", 5432)), {RANGES: "10.0.0.0/8"}, False),
        (call(("192.0.2.1", 5432)), {RANGES: "10.0.0.0/8"}, True),
        (call(("192.0.2.1", 5432)), {RANGES: "10.0.0.0/8", OUT: "5432"}, False),
        (call(), {INCLUDED: "10.0.0.0/8"}, False),
        (call(), {INCLUDED: ""}, False),
        (call(), {INCLUDED: "*", OUT: ""}, True),
    ],
)
def test_outbound(made: InitCall, annotations: dict[str, str], redirected: bool) -> None:
    """All calls are redirected but the proxy's own, and those that may go to an excluded port or range."""
    assert is_redirected_outbound(made, annotations, VALUES, IDS) is redirected


def told(*args: str, name: str = "istio-init") -> PodSpec:
    """A pod whose init container of Istio's has these arguments."""
    return msgspec.convert({"initContainers": [{"name": name, "args": ["istio-iptables", *args]}], "containers": []}, PodSpec)


@pytest.mark.parametrize("name", ["istio-init", "istio-validation"])
def test_a_pod_that_exists_has_the_settings_that_it_was_made_with(name: str) -> None:
    """Each is an argument of its init container; what annotations and values say now is for the next pod."""
    now = outbound_settings({OUT: "1", RANGES: "192.0.2.0/24"}, VALUES, IDS, {})

    own = settings_of_pod(told("-u", "2000", "-i", "10.0.0.0/8", "-x", "10.1.0.0/16", "-q", "9090", "-o", "5432", name=name), now)

    assert (own.included_ranges, own.excluded_ranges, own.included_ports, own.excluded_ports) == (
        "10.0.0.0/8",
        "10.1.0.0/16",
        "9090",
        "5432",
    )
    assert (own.ids.user, own.ids.group) == (2000, 2000)


def test_settings_that_a_pod_was_not_told_are_none() -> None:
    """A user that is no number is not read, and a pod that no such container prepared has what holds now."""
    now = outbound_settings({OUT: "1", RANGES: "192.0.2.0/24"}, VALUES, IDS, {})

    own = settings_of_pod(told("-u", "app"), now)

    assert (own.included_ranges, own.excluded_ranges, own.included_ports, own.excluded_ports) == ("", "", "", "")
    assert own.ids == IDS
    assert settings_of_pod(told(name="app"), now) == now


def test_what_bypasses_the_proxy_is_named() -> None:
    """The proxy's user, its group, an excluded port that is known to be called; a range may hold any address."""
    host = Host("db", 5432)

    assert bypass(call(user=1337), host, {}, VALUES, IDS) == "runAsUser 1337"
    assert bypass(call(group=1337), host, {}, VALUES, IDS) == "runAsGroup 1337"
    assert bypass(call(), host, {OUT: "80,5432"}, VALUES, IDS) == f"port 5432 in {OUT}"
    for annotations, other in (({}, host), ({OUT: "80"}, host), ({OUT: "5432"}, Host("db")), ({RANGES: "10.0.0.0/8"}, host)):
        assert bypass(call(user=1), other, annotations, VALUES, IDS) == ""


def test_the_injectors_values_count_where_the_pod_has_no_annotation() -> None:
    """An annotation comes before the value of the installation, for either direction."""
    values = InjectorValues(exclude_outbound_ports="5432", exclude_inbound_ports="8080")

    assert not is_redirected_outbound(call(("db", 5432)), {}, values, IDS)
    assert is_redirected_outbound(call(("db", 5432)), {OUT: "80"}, values, IDS)
    assert not is_captured_inbound(8080, {}, values)
    assert is_captured_inbound(8080, {IN: "80"}, values)


def test_whatever_its_port_is_a_call_may_pass_by() -> None:
    """Where ports are excluded and the port is not known, a call of the proxy's user is not redirected, and of another nobody knows."""
    settings = Outbound(excluded_ports="5432", ids=IDS)

    assert outbound(settings, port=None, user=1337).is_redirected is False
    assert isinstance(outbound(settings, port=None, user=1).is_redirected, Unknown)
    assert outbound(settings, port=80, user=1).is_redirected is True


@pytest.mark.parametrize(
    ("port", "annotations", "captured"),
    [
        (8080, {}, True),
        (8080, {IN: "8080"}, False),
        (8080, {ONLY: "80,443"}, False),
        (8080, {ONLY: "8080", IN: "8080"}, True),
        (8080, {ONLY: ""}, False),
        (15020, {}, False),
        (15020, {"status.sidecar.istio.io/port": "15030"}, True),
        (15030, {"status.sidecar.istio.io/port": "15030"}, False),
        (15090, {}, False),
    ],
)
def test_inbound(port: int, annotations: dict[str, str], captured: bool) -> None:
    """A list of included ports replaces the excluded ones; the proxy's own ports are never redirected."""
    assert is_captured_inbound(port, annotations, VALUES) is captured


def test_on_openshift_the_proxys_numbers_are_the_last_of_the_range() -> None:
    """The first one is free; elsewhere, and without a namespace, they are 1337."""
    annotations = {"openshift.io/sa.scc.uid-range": "1000700000/10000", "openshift.io/sa.scc.supplemental-groups": "5-9,20-30"}
    space = msgspec.convert({"metadata": {"name": "shop", "annotations": annotations}}, Namespace)
    config = InjectorConfig(config_map=Ref("v1", "ConfigMap", None, "c"), values=InjectorValues(platform="openshift"))
    plane = ControlPlane(revision="default", namespace="istio-system", injector=config)

    assert ids_of(plane, space)[:3] == (1000709999, 9, 1000700000)
    assert ids_of(plane, None)[:3] == ids_of(None, space)[:3] == (1337, 1337, 1338)
