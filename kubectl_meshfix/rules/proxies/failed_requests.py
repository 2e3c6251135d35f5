"""MF954: requests that callers' proxies counted as failed."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.in_force.failures import OF_CONFIGURATION, Failing, failing

MANY = 10
LISTED = 3


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each host and response flag with failed requests."""
    for found in failing(mesh):
        is_certain = found.flag in OF_CONFIGURATION and found.count >= MANY and found.entry
        requests = "1 request" if found.count == 1 else f"{found.count} requests"
        yield Finding(
            resource=found.entry.resource if found.entry else found.clients[0][0].ref,
            path="/spec",
            message=f"{requests} to {found.host} failed with {found.flag}: {found.meaning}. Counted since each caller's proxy began.",
            evidence=(
                *(f"{client.ref}: {count}" for client, count in found.clients[:LISTED]),
                *(f"HTTP status {code}" for code in found.codes),
            ),
            fix=_fix(found),
            severity=Severity.WARNING if is_certain else None,
        )


def _fix(found: Failing) -> Fix:
    client, _ = found.clients[0]
    ports = found.entry.ports if found.entry else ()
    port = f":{ports[0].number}" if ports and ports[0].number != 80 else ""
    who = f"{client.ref.kind.lower()}/{client.name}"
    return manual(
        "Trace such a request to see which object decides.",
        f"kubectl meshfix trace {who} http://{found.host}{port}/{client.ref.namespace_flag}",
    )


RULE = Rule(
    code="MF954",
    name="failed-requests",
    severity=Severity.INFO,
    inputs=(kinds.POD,),
    optional=(*kinds.WORKLOADS, *registry.INPUTS, *registry.OPTIONAL),
    of_answers=True,
    summary="Requests failed, as callers' proxies counted them",
    check=check,
)
