"""Words that all formats of a run share."""

from collections.abc import Iterable, Sequence

import msgspec

from kubectl_meshfix.chain.words import lowered
from kubectl_meshfix.expectations.branches import deciding_step
from kubectl_meshfix.expectations.coverage import Coverage
from kubectl_meshfix.expectations.running import Outcome
from kubectl_meshfix.expectations.terms import Asked, Complaint, Field, Injected, Result, Verdict, Why
from kubectl_meshfix.render.text.terminal import Style, count, from_here
from kubectl_meshfix.render.trace import words
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.trace.answers import Branch

SIGNS = {
    Verdict.HOLDS: ("✓", Style.ADDED), Verdict.FAILS: ("✗", Style.ERROR), Verdict.UNKNOWN: ("?", Style.WARNING),
    Verdict.ERROR: ("!", Style.ERROR),
}  # fmt: skip


class Run(msgspec.Struct, frozen=True):
    """A run: what became of each expectation, and what none of them touches."""

    outcomes: Sequence[Outcome]
    coverage: Coverage

    @property
    def results(self) -> list[Result]:
        """The result to speak of, of each expectation in the order of the files."""
        return [outcome.worst for outcome in self.outcomes]

    @property
    def failed(self) -> list[Result]:
        """Those that do not hold, the worst first."""
        order = list(Verdict)
        return sorted((row for row in self.results if row.verdict is not Verdict.HOLDS), key=lambda row: order.index(row.verdict))


def title(result: Result) -> str:
    """An expectation's name, and where it does not hold of several places."""
    return f"{result.expectation.name} (beside {from_here(result.beside)})" if result.beside else result.expectation.name


def why(result: Result) -> list[str]:
    """What is not as expected, in sentences; what the trace or the explanation says comes after it."""
    if result.verdict is Verdict.ERROR:
        return [" ".join(filter(None, result.error))]
    return [*map(_sentence, result.complaints), *_told(result), *_altering(result)]


def notes(result: Result) -> list[str]:
    """What has to be said of an expectation that holds."""
    return _altering(result) if result.verdict is Verdict.HOLDS else []


def decided_by(result: Result) -> str:
    """The object that decided, with its place; empty where none did alone."""
    if result.explanation:
        at = result.explanation.verdict.decided_by.at
    else:
        steps = (deciding_step(item.branch, item.field) for item in result.complaints if item.branch)
        at = next((step.at for step in steps if step and step.at), None)
    return place(at) if at else ""


def in_short(result: Result) -> str:
    """What is not as expected and what is instead, in one paragraph."""
    return " ".join(why(result)[: len(result.complaints) + 1])


def about(result: Result) -> str:
    """What an expectation is about, in a line."""
    match result.expectation.about:
        case Asked(caller=caller, request=request):
            return f"{request} from {caller.word}"
        case Injected(workload=workload):
            return workload


def totals(results: Iterable[Result]) -> str:
    """``7 expectations: 5 hold, 1 fails, 1 not known.``"""
    rows = list(results)
    numbers = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    verbs = {
        Verdict.HOLDS: ("holds", "hold"), Verdict.FAILS: ("fails", "fail"), Verdict.UNKNOWN: ("not known", "not known"),
        Verdict.ERROR: ("could not be checked", "could not be checked"),
    }  # fmt: skip
    order = [Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN, Verdict.ERROR]
    parts = [f"{numbers[verdict]:,} {verbs[verdict][numbers[verdict] != 1]}" for verdict in order if numbers[verdict]]
    return f"{count(len(rows), 'expectation')}: {', '.join(parts)}."


def covered(found: Coverage) -> str:
    """``Tested: 5 of 7 routes, 2 of 3 policies.``; empty where there is nothing to test."""
    parts = [
        f"{total - len(untouched)} of {count(total, noun, plural)}"
        for total, untouched, noun, plural in (
            (found.routes, found.untouched_routes, "route", ""),
            (found.policies, found.untouched_policies, "policy", "policies"),
        )
        if total
    ]
    return f"Tested: {', '.join(parts)}." if parts else ""


def untouched(found: Coverage) -> list[str]:
    """The routes and policies that no expectation touches."""
    policies: tuple[Ref, ...] = found.untouched_policies
    return [*map(place, found.untouched_routes), *map(str, policies)]


def _branch(result: Result) -> Branch | None:
    """The branch to speak of: the first that is complained about, else the foremost."""
    named = next((complaint.branch for complaint in result.complaints if complaint.branch), None)
    return named or (result.trace.foremost if result.trace else None)


def _told(result: Result) -> list[str]:
    """The verdict of the trace's branch, or of the explanation."""
    branch = _branch(result)
    if result.explanation:
        return [result.explanation.verdict.summary]
    if result.trace is None or branch is None:
        return []
    said, part = words.verdict(result.trace, branch), words.share(branch)
    return [f"{part}: {lowered(said)}" if part else said]


def _altering(result: Result) -> list[str]:
    """What nobody here evaluates, and may change the answer."""
    found = result.trace.altering if result.trace else ()
    return [f"Not evaluated, and on the way: {', '.join(found)}."] if found else []


def _sentence(complaint: Complaint) -> str:
    """``Expected status 403, but it is 503.``"""
    expected = f"Expected {_field(complaint)}"
    match complaint.why:
        case Why.ANSWERED:
            return f"{expected}, but the request arrives and the application answers: expect arrives: true."
        case Why.ENDS_BEFORE:
            return f"{expected}, but the request ends before that is decided."
        case Why.UNKNOWN:
            settled = " or ".join(dict.fromkeys(unknown.settled_by for unknown in complaint.unknowns))
            what = "; ".join(dict.fromkeys(str(unknown.of) for unknown in complaint.unknowns))
            return f"{expected}, but that is not known: {what} (settled by {settled})." if what else f"{expected}, but that is not known."
        case Why.DIFFERS:
            return f"{expected}, but {_got(complaint)}."


def _field(complaint: Complaint) -> str:
    wanted = complaint.wanted
    match complaint.field:
        case Field.SHARE:
            return f"{wanted} of the requests to go to {complaint.part}" if complaint.part else f"{wanted} of the requests to end so"
        case Field.GIVEN:
            return f'a condition "{wanted}"'
        case Field.INJECTED:
            return "a sidecar" if wanted == "true" else "no sidecar"
        case Field.ARRIVES:
            return "that it arrives" if wanted == "true" else "that it does not arrive"
        case Field.ALLOWED:
            return "that policies allow it" if wanted == "true" else "that policies deny it"
        case Field.MTLS:
            return "mutual TLS" if wanted == "true" else "no mutual TLS"
        case _:
            return f"{complaint.field} {wanted}"


def _got(complaint: Complaint) -> str:
    got = complaint.got
    match complaint.field:
        case Field.SHARE:
            return f"it is {got}"
        case Field.GIVEN:
            return f"the conditions are: {got}" if got else "nothing is unknown here"
        case Field.INJECTED:
            return "it gets one" if got == "true" else "it gets none"
        case Field.ARRIVES:
            return "it does" if got == "true" else "it does not"
        case Field.ALLOWED:
            return "they allow it" if got == "true" else "they do not"
        case _:
            return f"it is {got}"
