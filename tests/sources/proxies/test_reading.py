"""Statistics and sync states out of the text that a real istiod and its proxies gave, and out of text that nobody should trust."""

import json
from itertools import pairwise

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.answers import Failures, Push, Refusing, Sync
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies.exposition import Sample, samples
from kubectl_meshfix.sources.proxies.statistics import istiod_of, proxy_of
from kubectl_meshfix.sources.proxies.sync import connected_of
from tests.sources.proxies.stand_in import ANSWERS

POD = Ref("v1", "Pod", "demo", "client-7fc5f9f5c-bfzf7")
ISTIOD = Ref("v1", "Pod", "istio-system", "istiod-1")
STREAM = b'envoy_cluster_upstream_rq_active{cluster_name="xds-grpc"} 1\n'


def requests(count: int, **labels: str) -> bytes:
    """Istio's counter of requests, with the labels that tell of failures."""
    text = ",".join(f'{name}="{value}"' for name, value in {"reporter": "source", "destination_service": "cart.shop", **labels}.items())
    return f"istio_requests_total{{{text}}} {count}\n".encode()


def test_a_real_proxy_says_what_it_refused() -> None:
    """A proxy that refused one update of clusters says so, and that it has its stream and its certificate."""
    proxy = proxy_of(POD, (ANSWERS / "proxy.txt").read_bytes())

    assert (proxy.pod, proxy.is_connected, dict(proxy.refused), proxy.failures) == (POD, True, {"CDS": 1}, ())
    assert proxy.certificate_seconds == pytest.approx(86033.28, abs=0.01)


def test_a_real_istiod_names_who_refused() -> None:
    """Istiod counts what was refused by type, and names the proxy; what it counts as zero is left out."""
    istiod = istiod_of(ISTIOD, (ANSWERS / "istiod.txt").read_bytes())

    assert istiod.version == "1.31.0"
    assert (dict(istiod.refused), dict(istiod.failed)) == ({"CDS": 1}, {})
    assert istiod.refusing == (Refusing(namespace="demo", name="client-7fc5f9f5c-bfzf7", type="CDS", count=1),)


def test_a_real_istiod_says_how_far_proxies_have_come() -> None:
    """The proxy that refused has an error in its own words, free of protobuf's marks; all else is synced."""
    client, *servers = connected_of(ISTIOD, (ANSWERS / "syncz.json").read_bytes(), "Kubernetes")

    assert (client.namespace, client.name, client.version, client.istiod) == ("demo", "client-7fc5f9f5c-bfzf7", "1.31.0", ISTIOD)
    words, sent = "Invalid duration: Expected positive duration: seconds: -5", "2026-11-30T09:27:14.478047921Z"
    assert client.pushes[0] == Push(type="CDS", sync=Sync.ERROR, error=words, sent=sent)
    assert {(push.type, push.sync) for server in servers for push in server.pushes} == {
        (kind, Sync.SYNCED) for kind in ("CDS", "EDS", "LDS", "RDS")
    }


def test_proxies_of_other_clusters_are_left_out() -> None:
    """An istiod serves proxies of other clusters too; their names mean nothing in this one."""
    assert connected_of(ISTIOD, (ANSWERS / "syncz.json").read_bytes(), "west") == ()


def test_an_old_istiod_has_nonces_alone() -> None:
    """Where there are no resources, a type is synced if its nonces agree, stale if not, and not sent if there is none."""
    row = {"proxy": "a.b.shop", "cluster_sent": "1", "cluster_acked": "1", "listener_sent": "2", "listener_acked": "1"}

    (found,) = connected_of(ISTIOD, json.dumps([row]).encode())

    assert (found.name, found.namespace) == ("a.b", "shop")
    assert [(push.type, str(push.sync)) for push in found.pushes] == [
        ("CDS", "SYNCED"), ("EDS", "NOT SENT"), ("LDS", "STALE"), ("RDS", "NOT SENT"),
    ]  # fmt: skip


def test_failures_are_counted_by_host_flag_and_code() -> None:
    """What the caller's proxy saw fail is added up; what went well, and what a server's proxy says, is left out."""
    text = STREAM
    text += requests(3, response_code="503", response_flags="UF,URX", destination_version="v1")
    text += requests(4, response_code="503", response_flags="UF,URX", destination_version="v2")
    text += requests(9, response_code="200", response_flags="-") + requests(1, response_code="500", response_flags="-")
    text += requests(2, response_code="0", response_flags="DC") + requests(
        8, response_code="503", response_flags="UH", reporter="destination"
    )

    assert proxy_of(POD, text).failures == (
        Failures(host="cart.shop", flag="-", code=500, count=1),
        Failures(host="cart.shop", flag="DC", code=0, count=2),
        Failures(host="cart.shop", flag="UF,URX", code=503, count=7),
    )


@pytest.mark.parametrize(
    ("text", "is_connected"),
    [
        (STREAM, True),
        (b'envoy_cluster_upstream_rq_active{cluster_name="xds-grpc"} 0\n', False),
        (b'envoy_cluster_upstream_rq_active{cluster_name="xds-grpc;"} 0\n', False),
        (STREAM + b"envoy_control_plane_connected_state{} 0\n", False),
        (b'envoy_cluster_upstream_rq_active{cluster_name="outbound|80||cart"} 1\nenvoy_cluster_manager_cds_update_rejected{} 0\n', None),
    ],
)
def test_whether_a_proxy_is_connected(text: bytes, is_connected: bool | None) -> None:
    """Envoy's own word counts where a team keeps it, else its stream to the agent; of a proxy that says neither it is not known."""
    assert proxy_of(POD, text).is_connected is is_connected


def test_the_version_and_rejections_of_other_types() -> None:
    """What a team has Envoy keep beyond Istio's own choice is read too; the cluster of the control plane itself is no endpoint."""
    text = b'istio_build{component="proxy",tag="1.29.2"} 1\n'
    text += b'envoy_http_rds_update_rejected{rds="80"} 2\nenvoy_http_rds_update_rejected{rds="90"} 1\n'
    text += b'envoy_cluster_update_rejected{cluster_name="xds-grpc"} 5\nenvoy_cluster_update_rejected{cluster_name="outbound|80||cart"} 4\n'

    proxy = proxy_of(POD, text)

    assert (proxy.version, dict(proxy.refused)) == ("1.29.2", {"EDS": 4, "RDS": 3})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"<!DOCTYPE html><html></html>\n", "it answers with HTML"),
        (b'{"kind": "Status"}\n', "its answer is no text of statistics"),
        (b"\xff\xfe\x00\x01", "its answer is no text of statistics"),
        (STREAM + b"envoy_cluster_manager_cds_upda", "its statistics break off"),
        (b"", "no statistics of Istio's Envoy are in its answer"),
        (b'istio_build{component="proxy",tag="1.31.0"} 1\n', "no statistics of Istio's Envoy are in its answer"),
        (b"# TYPE orders_total counter\norders_total 5\n", "no statistics of Istio's Envoy are in its answer"),
    ],
)
def test_what_are_no_statistics_has_a_reason(text: bytes, reason: str) -> None:
    """A page, something else, half of it and another program's statistics each give a reason in words."""
    with pytest.raises(SourceError, match=reason):
        proxy_of(POD, text)


@pytest.mark.parametrize("text", [b"<html>", b"{}", b'{"proxy": 5}', b'["x"]', b"[[[["])
def test_what_is_no_list_of_proxies_has_a_reason(text: bytes) -> None:
    """Other JSON, and what is none, is no list of proxies; null is an empty one."""
    with pytest.raises(SourceError, match="no list of proxies"):
        connected_of(ISTIOD, text)
    assert connected_of(ISTIOD, b"null") == ()


def test_labels_are_read_as_they_are_escaped() -> None:
    """Quotes, braces and line ends within a value belong to it; a time behind the number does not count."""
    text = rb'a{one="x\"},{\\",two="line\nend",three="\q"} 1.5e3 1700000000' + b"\nab 1\na 2\n"

    assert list(samples(text, {"a"})) == [Sample("a", {"one": 'x"},{\\', "two": "line\nend", "three": r"\q"}, 1500.0), Sample("a", {}, 2.0)]


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1", "none", "1e999"])
def test_odd_numbers_do_no_harm(value: str) -> None:
    """What is no count counts as nothing, and what is no duration is not known."""
    lines = ("envoy_cluster_manager_cds_update_rejected{}", 'istio_agent_cert_expiry_seconds{resource_name="default"}')
    proxy = proxy_of(POD, STREAM + "".join(f"{line} {value}\n" for line in lines).encode())

    assert dict(proxy.refused) == {}
    assert proxy.certificate_seconds in (None, -1.0)


@pytest.mark.parametrize("part", [b'a{x="', b'a{x="y",', b'a{x="\\', b"a{{", b"a" * 50])
def test_hostile_text_is_read_in_time(part: bytes) -> None:
    """Half a million beginnings that lead nowhere are passed over, line after line; nothing is tried twice."""
    text = STREAM + part * 500_000 + b"\na 1\n"

    assert [sample.value for sample in samples(text, {"a"})] == [1.0]


def test_samples_come_in_the_order_of_the_text() -> None:
    """Families are not sorted: the text's order is kept."""
    found = list(samples(b"b 1\na 2\nb 3\n", {"a", "b"}))

    assert all(left.value < right.value for left, right in pairwise(found))
