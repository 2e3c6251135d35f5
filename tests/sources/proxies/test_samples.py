"""Which samples of a proxy's and of an istiod's statistics count, one label at a time."""

import json
from typing import Any

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.answers import Failures, Push, Refusing, Sync
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies.statistics import istiod_of, proxy_of
from kubectl_meshfix.sources.proxies.sync import connected_of

POD = Ref("v1", "Pod", "demo", "client")
ENVOY = "envoy_cluster_manager_cds_update_rejected{} 0"
INFO = 'pilot_info{version="1.31.0"} 1'


def text(*lines: str) -> bytes:
    """Statistics of these lines."""
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize(
    ("line", "is_connected"),
    [
        ('envoy_cluster_upstream_rq_active{cluster_name="xds-grpc"} 1', True),
        ('envoy_cluster_upstream_rq_active{cluster_name="xds-grpc;"} 0', False),
        ('envoy_cluster_upstream_rq_active{cluster_name="outbound|80||cart"} 1', None),
        ("envoy_cluster_upstream_rq_active{} 1", None),
        ("envoy_control_plane_connected_state{} 1", True),
        ("envoy_control_plane_connected_state{} 0", False),
    ],
)
def test_a_stream_is_that_to_the_agent(line: str, is_connected: bool | None) -> None:
    """Requests to other clusters say nothing of it."""
    assert proxy_of(POD, text(line)).is_connected is is_connected


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ('istio_agent_cert_expiry_seconds{resource_name="default"} 86400', 86400.0),
        ('istio_agent_cert_expiry_seconds{resource_name="ROOTCA"} 86400', None),
        ("istio_agent_cert_expiry_seconds{} 86400", None),
        ('istio_agent_cert_expiry_seconds{resource_name="default"} +Inf', None),
        ('istio_build{resource_name="default",component="agent"} 86400', None),
    ],
)
def test_a_certificate_is_the_workloads_own(line: str, seconds: float | None) -> None:
    """That of an authority lives longer."""
    assert proxy_of(POD, text(ENVOY, line)).certificate_seconds == seconds


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ('istio_build{component="proxy",tag="1.30.1"} 1', "1.30.1"),
        ('istio_build{component="proxy",cluster_name="xds-grpc",tag="1.30.1"} 1', "1.30.1"),
        ('istio_build{component="agent",tag="1.30.1"} 1', ""),
        ('istio_build{tag="1.30.1"} 1', ""),
        ('istio_build{component="proxy"} 1', ""),
        ('istio_requests_total{component="proxy",tag="1.30.1",response_code="200"} 1', ""),
    ],
)
def test_a_version_is_the_proxys(line: str, version: str) -> None:
    """The agent's own build is another."""
    found = proxy_of(POD, text(ENVOY, line))

    assert (found.version, found.is_connected) == (version, None)


@pytest.mark.parametrize(
    ("labels", "failure"),
    [
        ({"response_code": "503"}, ("-", 503)),
        ({"response_code": "500"}, ("-", 500)),
        ({"response_code": "499"}, None),
        ({"response_code": "999"}, ("-", 999)),
        ({"response_code": "5000"}, None),
        ({"response_code": "50x"}, None),
        ({"response_code": "x"}, None),
        ({"response_code": ""}, None),
        ({"response_code": "5000", "response_flags": "UF"}, ("UF", 0)),
        ({"response_code": "200", "response_flags": "DC"}, ("DC", 200)),
        ({"response_code": "200", "response_flags": "-"}, None),
        ({"response_code": "503", "reporter": "waypoint"}, ("-", 503)),
        ({"response_code": "503", "reporter": "destination"}, None),
        ({"response_code": "503", "cluster_name": "xds-grpc"}, ("-", 503)),
    ],
)
def test_a_failure_has_a_code_or_a_flag(labels: dict[str, str], failure: tuple[str, int] | None) -> None:
    """A code has at most three figures; what has other than figures is none."""
    own = {"reporter": "source", "destination_service": "cart.shop", **labels}
    line = f"istio_requests_total{{{','.join(f'{key}={json.dumps(value)}' for key, value in own.items())}}}"
    expected = (Failures(host="cart.shop", flag=failure[0], code=failure[1], count=2),) if failure else ()

    assert proxy_of(POD, text(ENVOY, f"{line} 2", f"{line} 0")).failures == expected


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ((INFO,), "1.31.0"),
        (("pilot_info{} 1",), ""),
        ((INFO, 'istio_build{component="pilot",tag="1.31.0-vendor"} 1'), "1.31.0-vendor"),
        (('istio_build{component="pilot",tag="1.31.0-vendor"} 1', INFO), "1.31.0-vendor"),
        ((INFO, 'istio_build{component="pilot"} 1'), "1.31.0"),
    ],
)
def test_an_istiods_version_is_its_builds_tag(lines: tuple[str, ...], version: str) -> None:
    """Else what it says of itself, in whatever order."""
    assert istiod_of(POD, text(*lines)).version == version


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("envoy_cluster_manager_cds_update_rejected{} 2", {"CDS": 2}),
        ("envoy_listener_manager_lds_update_rejected{} 2", {"LDS": 2}),
        ('envoy_http_rds_update_rejected{rds="80"} 2', {"RDS": 2}),
        ('envoy_cluster_update_rejected{cluster_name="outbound|80||cart"} 2', {"EDS": 2}),
        ('envoy_cluster_update_rejected{cluster_name="xds-grpc;"} 2', {}),
        ("envoy_cluster_update_attempt{} 2", {}),
    ],
)
def test_a_proxy_refuses_updates_of_four_types(line: str, refused: dict[str, int]) -> None:
    """Under Envoy's own names."""
    assert dict(proxy_of(POD, text(ENVOY, line)).refused) == refused


@pytest.mark.parametrize("kind", ["CDS", "LDS", "RDS", "EDS"])
def test_an_istiod_names_who_refused_what(kind: str) -> None:
    """A family for each type."""
    found = istiod_of(POD, text(INFO, f'pilot_xds_{kind.lower()}_reject{{node="a.shop"}} 1'))

    assert found.refusing == (Refusing(namespace="shop", name="a", type=kind, count=1),)


def test_an_istiod_counts_what_it_could_not_do() -> None:
    """By kind; a push that was sent is none, and neither is what only has a label like one."""
    istiod = istiod_of(
        POD,
        text(
            INFO,
            'pilot_xds_pushes{type="cds"} 5',
            'pilot_xds_pushes{type="lds_senderr"} 2',
            'pilot_xds_pushes{type="lds_senderr"} 1',
            "pilot_xds_pushes{} 4",
            "pilot_total_xds_internal_errors 3",
            "pilot_xds_write_timeout 4",
            "pilot_sds_certificate_errors_total{} 1",
            'pilot_total_xds_rejects{type="cds"} 2',
            'pilot_total_xds_rejects{type="rds"} 0',
            'pilot_xds_cds_reject{node="a.b.shop",type="cds_senderr"} 7',
            'pilot_xds_eds_reject{node="a.b.shop"} 0',
            'pilot_xds_lds_reject{node="a.a"} 1',
        ),
    )

    assert dict(istiod.failed) == {"LDS": 3, "certificate": 1, "internal": 3, "timeout": 4}
    assert dict(istiod.refused) == {"CDS": 2}
    assert istiod.refusing == (
        Refusing(namespace="a", name="a", type="LDS", count=1),
        Refusing(namespace="shop", name="a.b", type="CDS", count=7),
    )


def test_what_is_no_istiods_is_told() -> None:
    """Another program may have some of the numbers."""
    with pytest.raises(SourceError, match="no statistics of an istiod are in its answer"):
        istiod_of(POD, text('istio_build{component="pilot",tag="1.31.0"} 1'))


ROW: dict[str, Any] = {"proxy": "a.shop", "cluster_id": "west", "istio_version": "1.31.0", "proxy_version": "1.40"}


@pytest.mark.parametrize(
    ("changed", "cluster", "versions"),
    [
        ({}, "west", ["1.31.0"]),
        ({}, "", ["1.31.0"]),
        ({}, "east", []),
        ({"cluster_id": ""}, "east", ["1.31.0"]),
        ({"istio_version": ""}, "west", ["1.40"]),
        ({"istio_version": "", "proxy_version": ""}, "west", [""]),
        ({"proxy": ""}, "west", []),
    ],
)
def test_a_row_has_a_proxy_of_this_cluster(changed: dict[str, str], cluster: str, versions: list[str]) -> None:
    """An istiod that does not say the cluster means its own; Istio's version comes before that of its Envoy."""
    assert [row.version for row in connected_of(POD, json.dumps([ROW | changed]).encode(), cluster)] == versions


@pytest.mark.parametrize(
    ("kind", "found", "push"),
    [
        ("type.googleapis.com/envoy.config.cluster.v3.Cluster", {"sent": "1", "acked": "1"}, Push(type="CDS", sync=Sync.SYNCED)),
        ("envoy.config.listener.v3.Listener", {"sent": "2", "acked": "1"}, Push(type="LDS", sync=Sync.STALE)),
        ("x.RouteConfiguration", {"acked": "1"}, Push(type="RDS", sync=Sync.NOT_SENT)),
        (
            "x.ClusterLoadAssignment",
            {"lastError": "a  goo.gle/debugonly\n b goo.gle/debugstr"},
            Push(type="EDS", sync=Sync.ERROR, error="a b"),
        ),
        ("x.Secret", {"sent": "1", "sentTime": "now"}, Push(type="SDS", sync=Sync.STALE, sent="now")),
        ("x.TypedExtensionConfig", {}, Push(type="ECDS", sync=Sync.NOT_SENT)),
        ("x.Other", {}, Push(type="Other", sync=Sync.NOT_SENT)),
    ],
)
def test_a_push_has_a_type_and_a_state(kind: str, found: dict[str, str], push: Push) -> None:
    """The type's last word, and what istiod's own program would say."""
    (row,) = connected_of(POD, json.dumps([{**ROW, "resources": {kind: found}}]).encode())

    assert row.pushes == (push,)
