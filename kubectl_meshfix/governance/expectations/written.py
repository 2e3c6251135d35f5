"""What may stand in a file of expectations (`docs/schema/tests.v1.json`)."""

from typing import Any

import msgspec

from kubectl_meshfix.resources.meta import Struct


class WrittenRequest(Struct, frozen=True):
    """A request in its parts, which are those of ``trace``'s flags. ``claims`` is a map."""

    url: str = ""
    method: str = ""
    headers: dict[str, str] = {}
    http: str | int | float = ""
    sni: str = ""
    principal: str = ""
    claims: Any = None
    source_ip: str = msgspec.field(default="", name="sourceIP")


class WrittenExpected(Struct, frozen=True):
    """What is expected of a request, or of a share of it."""

    arrives: bool | None = None
    status: int | None = None
    flag: str = ""
    location: str = ""
    destination: str = ""
    subset: str = ""
    share: Any = None
    allowed: bool | None = None
    mtls: bool | None = None
    given: str | tuple[str, ...] = ()


class WrittenTest(Struct, frozen=True):
    """One expectation: of a request (``from``, ``request``, ``expect``), or of a workload (``workload``, ``injected``)."""

    name: str = ""
    from_: str = msgspec.field(default="", name="from")
    namespace: str = ""
    request: Any = None
    expect: Any = None
    workload: str = ""
    injected: bool | None = None


class WrittenFile(Struct, frozen=True):
    """One document: the expectations, and the namespace of those that name none."""

    namespace: str = ""
    tests: tuple[Any, ...] = ()
