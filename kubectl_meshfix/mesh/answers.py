"""What istiods and proxies answered when they were asked what is in force."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from kubectl_meshfix.resources.meta import Ref, Struct

CHANGES = {"LDS": "listeners", "CDS": "clusters", "RDS": "routes", "EDS": "endpoints", "ECDS": "extensions", "SDS": "certificates"}
"""What each type of configuration holds."""


def changes(types: Iterable[str]) -> str:
    """What types of configuration hold, as words: "clusters and routes"."""
    names = [CHANGES.get(item, item) for item in types]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


class Sync(StrEnum):
    """How far a proxy has come with one type of configuration, in the words of `istioctl proxy-status`.

    Source: `pilot/pkg/xds/statusgen.go debugSyncStatus`.
    """

    SYNCED = "SYNCED"
    STALE = "STALE"
    NOT_SENT = "NOT SENT"
    ERROR = "ERROR"


class Push(Struct, frozen=True):
    """One type of configuration (``CDS``, ``LDS``, ``RDS``, ``EDS``, …) at one proxy, and what the proxy said when it refused it.

    ``sent`` is when istiod sent it last, by istiod's clock, in RFC 3339; empty where it does not say.
    """

    type: str
    sync: Sync
    error: str = ""
    sent: str = ""


class Connected(Struct, frozen=True):
    """A proxy as one istiod sees it (`/debug/syncz`). ``version`` is Istio's, as the proxy reports it; empty where it does not."""

    namespace: str
    name: str
    istiod: Ref
    version: str = ""
    pushes: tuple[Push, ...] = ()

    @property
    def has_refused(self) -> bool:
        """Whether it refuses what it was sent last, of some type."""
        return any(push.sync is Sync.ERROR for push in self.pushes)


class Failures(Struct, frozen=True):
    """Requests that a client's proxy counted as failed, since it began: to which host, with which response flag and code."""

    host: str
    flag: str
    code: int
    count: int


class Proxy(Struct, frozen=True):
    """A proxy's own statistics. What they do not say is None, or empty.

    ``refused`` counts the updates of each type (``CDS``, ``LDS``, ``RDS``, …) that Envoy refused since it began; ``certificate_seconds``
    is how long the workload's certificate is still valid; ``version`` is Istio's.
    """

    pod: Ref
    is_connected: bool | None = None
    version: str = ""
    refused: Mapping[str, int] = {}
    certificate_seconds: float | None = None
    failures: tuple[Failures, ...] = ()


class Refusing(Struct, frozen=True):
    """A proxy that refused configuration of one ``type`` since istiod began, as istiod's metrics count it."""

    namespace: str
    name: str
    type: str
    count: int


class Istiod(Struct, frozen=True):
    """An istiod's own metrics. ``refused`` counts, by type, what proxies refused; ``failed`` what it could not make or send.

    ``refusing`` names the proxies, as far as the metrics do: for CDS, LDS, RDS and EDS.
    """

    pod: Ref
    refusing: tuple[Refusing, ...] = ()
    version: str = ""
    refused: Mapping[str, int] = {}
    failed: Mapping[str, int] = {}


class NotAsked(Struct, frozen=True):
    """What gave no answer, and why: ``subject`` is a pod, or what was wanted of all of them."""

    subject: str
    reason: str


def proxy_of(pod: Ref) -> str:
    """How a pod's proxy is called where it gave no answer."""
    return f"proxy of {pod}"


class Answers(Struct, frozen=True):
    """All answers of one run. ``of`` is how many proxies there are, of which ``proxies`` may be a sample.

    ``connected`` is the union over istiods; ``is_every_istiod`` says that each ready one answered, so that a proxy that is in none
    is connected to none. ``at`` is when they were asked, by the API server's clock, in RFC 3339; empty where that is not known.
    """

    istiods: tuple[Istiod, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    connected: tuple[Connected, ...] = ()
    is_every_istiod: bool = False
    of: int = 0
    missing: tuple[NotAsked, ...] = ()
    at: str = ""


NONE_ASKED = Answers()
"""What there is where nobody was asked."""
