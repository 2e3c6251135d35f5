"""What a team expects, and what happens to it."""

from enum import StrEnum
from fractions import Fraction

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.answers import Branch, Trace
from kubectl_meshfix.traffic.trace.callers import CallerName


class Expected(Struct, frozen=True):
    """What is expected of a request, or of the ``share`` of all requests that goes to ``destination`` and ``subset``.

    What is None or empty is not asked. ``destination`` is a host, with a port or without, or ``deploy/NAME``. ``given`` are words of
    conditions that are taken to hold, or not to hold where they begin with ``not``.
    """

    arrives: bool | None = None
    status: int | None = None
    flag: str = ""
    location: str = ""
    destination: str = ""
    subset: str = ""
    share: Fraction | None = None
    allowed: bool | None = None
    mtls: bool | None = None
    given: tuple[str, ...] = ()


class Asked(Struct, frozen=True):
    """A request, who makes it, and what is expected of it, in one or several parts."""

    caller: CallerName
    request: Request
    expected: tuple[Expected, ...]


class Injected(Struct, frozen=True):
    """Whether new pods of a workload (``deploy/cart``) are expected to get a sidecar."""

    workload: str
    injected: bool


class Expectation(Struct, frozen=True):
    """One expectation, the namespace that names of workloads are looked up in (None for any), and where it is written."""

    name: str
    about: Asked | Injected
    namespace: str | None = None
    location: Location | None = None


class Field(StrEnum):
    """What an expectation may be about, by the name it has in a file."""

    ARRIVES = "arrives"
    STATUS = "status"
    FLAG = "flag"
    LOCATION = "location"
    DESTINATION = "destination"
    SUBSET = "subset"
    SHARE = "share"
    ALLOWED = "allowed"
    MTLS = "mtls"
    GIVEN = "given"
    INJECTED = "injected"


class Why(StrEnum):
    """Why a field is not as expected."""

    DIFFERS = "differs"
    ANSWERED = "the application answers"
    """A status is expected, and a proxy gives none because the request arrives."""
    ENDS_BEFORE = "ends before"
    """The request ends before that is decided."""
    UNKNOWN = "unknown"


class Complaint(Struct, frozen=True):
    """One field that is not as expected: what was wanted, what is, and the branch it is about.

    ``part`` is the destination or subset that a share is of. ``unknowns`` are what would have to be settled, where that decides.
    """

    field: Field
    wanted: str
    got: str = ""
    why: Why = Why.DIFFERS
    branch: Branch | None = None
    part: str = ""
    unknowns: tuple[Unknown, ...] = ()


class Verdict(StrEnum):
    """What happens to an expectation, the worst first."""

    ERROR = "error"
    """It cannot be checked: its caller or workload is not there."""
    FAILS = "fails"
    UNKNOWN = "unknown"
    HOLDS = "holds"


class Result(Struct, frozen=True):
    """What became of an expectation in one of the meshes that the input makes; ``beside`` is its place where there are several.

    ``error`` is a sentence and a hint. Of a request there is a trace, of a workload an explanation.
    """

    expectation: Expectation
    verdict: Verdict
    complaints: tuple[Complaint, ...] = ()
    trace: Trace | None = None
    explanation: Explanation | None = None
    beside: str = ""
    error: tuple[str, str] = ("", "")
