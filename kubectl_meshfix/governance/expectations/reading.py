"""Reading a file of expectations: every key known, every value in its place."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading.read import Document, read
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.expectations.terms import Asked, Expectation, Expected, Injected
from kubectl_meshfix.governance.expectations.decoding import HINT, decoded
from kubectl_meshfix.governance.expectations.requests import parse_written_request
from kubectl_meshfix.governance.expectations.written import WrittenExpected, WrittenFile, WrittenTest
from kubectl_meshfix.governance.placed_errors import Written, keys, listed, place, wrong
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.trace.callers import parse_caller

_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")


def parse_expectations(text: str, file: str, namespace: str | None = None) -> tuple[Expectation, ...]:
    """The expectations of a text, of all its documents. Raises UsageError with the place of what is wrong.

    ``namespace`` is that of expectations which name none, where their document names none either.
    """
    reading = read(text)
    problems = (*reading.problems, *(problem for document in reading.documents for problem in document.problems))
    for problem in problems:
        raise UsageError(f"{file}:{problem.line}:{problem.column}: {problem.reason}", "Correct the file.")
    found = tuple(item for document in reading.documents for item in _of_document(Written(file, document), document, namespace))
    if not found:
        raise UsageError(f"{file} holds no expectations.", HINT + " To write a first one: kubectl meshfix test --init FILE.")
    return found


def _of_document(written: Written, document: Document, namespace: str | None) -> Iterator[Expectation]:
    value = document.value
    if not isinstance(value, dict):
        raise wrong(written, "", "A file of expectations holds keys with values.", HINT)
    if "kind" in value and "tests" not in value:
        raise wrong(written, "", "This is a manifest, not a file of expectations.", "Name manifests with -f.")
    whole = decoded(written, "", value, WrittenFile, "key of a file of expectations")
    for index, test in enumerate(whole.tests):
        yield _test(written, pointer.join("tests", index), test, whole.namespace or namespace)


def _test(written: Written, path: str, value: Any, namespace: str | None) -> Expectation:
    test = decoded(written, path, value, WrittenTest, "key of an expectation")
    about = _injected(written, path, test) if test.workload or test.injected is not None else _asked(written, path, test)
    return Expectation(
        name=test.name or _name(about), about=about, namespace=test.namespace or namespace, location=place(written, path)
    )  # fmt: skip


def _injected(written: Written, path: str, test: WrittenTest) -> Injected:
    other = next((key for key, given in (("from", test.from_), ("request", test.request), ("expect", test.expect)) if given), None)
    if other:
        raise wrong(written, f"{path}/{other}", f'"{other}" is of requests, and this is about a workload.', "Make two of it.")
    if not test.workload or test.injected is None:
        raise wrong(written, path, "An expectation of a workload needs both workload and injected.", "Write workload: deploy/NAME.")
    kind, slash, name = test.workload.partition("/")
    if not slash or not name or not any(found in kinds.WORKLOADS for found in kinds.named(kind)):
        raise wrong(
            written, f"{path}/workload", f'"{test.workload}" does not name a workload.', "Write deploy/NAME, sts/NAME, pod/NAME, …."
        )
    return Injected(workload=test.workload, injected=test.injected)


def _asked(written: Written, path: str, test: WrittenTest) -> Asked:
    for key, given in (("from", test.from_), ("request", test.request), ("expect", test.expect)):
        if not given:
            raise wrong(
                written, path, f'This expectation has no "{key}".', "A request needs from, request and expect; a workload injected."
            )
    try:
        caller = parse_caller(test.from_)
    except UsageError as error:
        raise wrong(written, f"{path}/from", error.message, error.hint) from error
    request = parse_written_request(written, f"{path}/request", test.request)
    several = test.expect if isinstance(test.expect, list) else None
    parts = list(enumerate(several)) if several is not None else [(None, test.expect)]
    places = [f"{path}/expect" if index is None else f"{path}/expect/{index}" for index, _ in parts]
    expected = tuple(_expected(written, at, part, request) for at, (_, part) in zip(places, parts, strict=True))
    return Asked(caller=caller, request=request, expected=expected)


def _expected(written: Written, path: str, value: Any, request: Request) -> Expected:
    part = decoded(written, path, value, WrittenExpected, "key of what is expected")
    conditions = (part.given,) if isinstance(part.given, str) else part.given
    found = Expected(
        arrives=part.arrives,
        status=part.status,
        flag=part.flag,
        location=part.location,
        destination=part.destination,
        subset=part.subset,
        share=_share(written, f"{path}/share", part.share),
        allowed=part.allowed,
        mtls=part.mtls,
        given=conditions,
    )
    if msgspec.structs.replace(found, share=None, given=()) == Expected():
        raise wrong(written, path, "Nothing is expected here.", f"Write one of {listed(keys(WrittenExpected), 'or')}.")
    if found.status is not None and not 100 <= found.status <= 599:
        raise wrong(written, f"{path}/status", f"{found.status} is not a status of HTTP.", "Write one of 100 to 599.")
    if found.status is not None and request.scheme is Scheme.TCP:
        raise wrong(written, f"{path}/status", "TCP has no status.", "Write arrives: false, or a flag.")
    return found


def _share(written: Written, path: str, value: Any) -> Fraction | None:
    if value is None:
        return None
    found = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    share = Fraction(found[1]) / 100 if found else None
    if share is None or share > 1:
        raise wrong(written, path, "A share is written in percent.", "Write it as share: 10%.")
    return share


def _name(about: Asked | Injected) -> str:
    """What an expectation is called that has no name."""
    match about:
        case Injected(workload=workload, injected=injected):
            return f"{workload} {'is' if injected else 'is not'} injected"
        case Asked(caller=caller, request=request):
            return f"{caller.word}: {request}"
