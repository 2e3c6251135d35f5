"""What a policy can ask about a request, as the proxy that enforces it sees it, and what the policies answer."""

from collections.abc import Mapping
from typing import Any

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.terms.failures import Failure


class Attributes(Struct, frozen=True):
    """A request, or a connection, at the proxy that decides on it.

    ``identity`` is the peer's, as ``trust-domain/ns/NAMESPACE/sa/NAME``; empty for plain text. ``source_ip`` is the direct peer's address,
    ``remote_ip`` the one that is taken for the original caller's, ``destination_ip`` the pod's; empty where they are not known. ``port`` is
    the one on which the proxy received the connection: the container port at sidecars, ztunnel and gateways, the Service's at waypoints.
    ``host`` is ``:authority`` with its port, ``path`` comes normalised and without a query, names of ``headers`` are in lower case.
    ``claims`` are those of a token that was verified, None for none.
    """

    is_http: bool
    identity: str | Unknown = ""
    source_ip: str | Unknown = ""
    remote_ip: str | Unknown = ""
    destination_ip: str | Unknown = ""
    port: int = 0
    sni: str = ""
    method: str = ""
    path: str = ""
    host: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    claims: Mapping[str, Any] | None = None


class Claims(Struct, frozen=True):
    """What became of a request's token: its claims, None without one, and the headers that are set and removed on the way.

    ``at`` is the rule that accepted it.
    """

    values: Mapping[str, Any] | None = None
    at: Where | None = None
    set_headers: Mapping[str, str] = {}
    removed_headers: tuple[str, ...] = ()


class Decision(Struct, frozen=True):
    """What policies decide; without a ``failure`` they allow it.

    ``at`` is the policy, and the rule in it, that decided; None where no policy did. ``matched_policy`` is what Envoy writes between the
    brackets of ``rbac_access_denied_matched_policy[…]``; empty for what no such words are written of. ``provider`` is the external
    authorizer that refuses, and ``status`` its answer where that is known, else 0.
    """

    failure: Failure | None = None
    at: Where | None = None
    matched_policy: str = ""
    provider: str = ""
    status: int = 0

    @property
    def is_allowed(self) -> bool:
        """Whether the request goes on."""
        return self.failure is None
