"""What istiod and a proxy count, out of the text that they answer."""

import math
from collections import Counter
from collections.abc import Mapping

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.answers import Failures, Istiod, Proxy, Refusing
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies.exposition import Sample, samples

_STREAM = "envoy_cluster_upstream_rq_active"
_CONNECTED = "envoy_control_plane_connected_state"
_CERTIFICATE = "istio_agent_cert_expiry_seconds"
_REFUSED: Mapping[str, str] = {
    "envoy_cluster_manager_cds_update_rejected": "CDS",
    "envoy_listener_manager_lds_update_rejected": "LDS",
    "envoy_http_rds_update_rejected": "RDS",
    "envoy_cluster_update_rejected": "EDS",
}
_OF_PROXIES = (*_REFUSED, _STREAM, _CONNECTED, _CERTIFICATE, "istio_build", "istio_requests_total")

_REFUSING = {f"pilot_xds_{kind}_reject": kind.upper() for kind in ("cds", "lds", "rds", "eds")}
_FAILED = {
    "pilot_total_xds_internal_errors": "internal",
    "pilot_xds_write_timeout": "timeout",
    "pilot_sds_certificate_errors_total": "certificate",
}
_OF_ISTIODS = (*_REFUSING, *_FAILED, "pilot_total_xds_rejects", "pilot_xds_pushes", "pilot_info", "istio_build")


def proxy_of(pod: Ref, text: bytes) -> Proxy:
    """A proxy's statistics. Raises SourceError with half a sentence for what are none of an Istio proxy.

    Istio's bootstrap keeps Envoy's `control_plane.connected_state` out unless a team has it kept, but always has the requests of
    the cluster `xds-grpc` (`pkg/bootstrap/config.go requiredEnvoyStatsMatcherInclusionPrefixes`). Its only request is the stream to
    pilot-agent, which ends it when its own to istiod ends (`pkg/istio-agent/xds_proxy.go`). A stream that is just being renewed, as
    every half an hour, reads like none.
    """
    refused: Counter[str] = Counter()
    failed: Counter[tuple[str, str, int]] = Counter()
    connected: dict[str, bool] = {}
    version, certificate, is_any = "", None, False
    for family, labels, value in samples(text, _OF_PROXIES):
        is_any = is_any or family.startswith("envoy_")
        if family in _REFUSED:
            if labels.get("cluster_name", "").rstrip(";") != "xds-grpc":
                refused[_REFUSED[family]] += _count(value)
        elif family == _CONNECTED or (family == _STREAM and labels.get("cluster_name", "").rstrip(";") == "xds-grpc"):
            connected[family] = value > 0
        elif family == _CERTIFICATE and labels.get("resource_name") == "default" and math.isfinite(value):
            certificate = value
        elif family == "istio_build" and labels.get("component") == "proxy":
            version = labels.get("tag", "")
        elif family == "istio_requests_total" and (key := _failure(labels)) and _count(value):
            failed[key] += _count(value)
    if not is_any:
        raise SourceError("no statistics of Istio's Envoy are in its answer")
    return Proxy(
        pod=pod,
        is_connected=connected.get(_CONNECTED, connected.get(_STREAM)),
        version=version,
        refused=_positive(refused),
        certificate_seconds=certificate,
        failures=tuple(Failures(host=host, flag=flag, code=code, count=count) for (host, flag, code), count in sorted(failed.items())),
    )


def _failure(labels: Mapping[str, str]) -> tuple[str, str, int] | None:
    """Host, flag and code of requests that the caller's proxy saw fail; None for others, and for what a server's proxy says."""
    flag, code = labels.get("response_flags", "-"), labels.get("response_code", "")
    number = int(code) if code.isdecimal() and len(code) <= 3 else 0
    is_failure = flag != "-" or number >= 500
    return (
        (labels.get("destination_service", ""), flag, number) if is_failure and labels.get("reporter") in ("source", "waypoint") else None
    )


def istiod_of(pod: Ref, text: bytes) -> Istiod:
    """What an istiod counts (`pkg/xds/monitoring.go`, `pilot/pkg/xds/monitoring.go`). Raises SourceError for what is no istiod's.

    ``failed`` has the type where a push could not be sent, ``internal`` for errors of istiod itself, ``timeout`` for proxies that
    did not take what was sent, ``certificate`` for certificates that gateways wait for.
    """
    refused: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    refusing: list[Refusing] = []
    version, is_istiod = "", False
    for sample in samples(text, _OF_ISTIODS):
        family, labels, value = sample
        if family == "pilot_info":
            is_istiod, version = True, version or labels.get("version", "")
        elif family == "istio_build":
            version = labels.get("tag", "") or version
        elif family == "pilot_total_xds_rejects":
            refused[labels.get("type", "").upper()] += _count(value)
        elif family in _FAILED:
            failed[_FAILED[family]] += _count(value)
        elif family == "pilot_xds_pushes" and labels.get("type", "").endswith("_senderr"):
            failed[labels["type"].removesuffix("_senderr").upper()] += _count(value)
        elif (kind := _REFUSING.get(family)) and _count(value):
            refusing.append(_refusing(sample, kind))
    if not is_istiod:
        raise SourceError("no statistics of an istiod are in its answer")
    return Istiod(
        pod=pod, version=version, refused=_positive(refused), failed=_positive(failed), refusing=tuple(sorted(refusing, key=_order))
    )


def _refusing(sample: Sample, kind: str) -> Refusing:
    name, _, namespace = sample.labels.get("node", "").rpartition(".")
    return Refusing(namespace=namespace, name=name, type=kind, count=_count(sample.value))


def _order(row: Refusing) -> tuple[str, str, str]:
    return row.namespace, row.name, row.type


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}


def _count(value: float) -> int:
    return int(value) if math.isfinite(value) and value > 0 else 0
