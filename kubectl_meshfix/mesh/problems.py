"""Documents that could not be read, and where they are."""

from typing import Literal

from kubectl_meshfix.resources.meta import Ref, Struct


class Location(Struct, frozen=True):
    """A place in a file; line and column count from 1. ``template`` is the Helm template the text was rendered from."""

    file: str
    line: int
    column: int
    template: str | None = None


class Problem(Struct, frozen=True):
    """What is wrong with a document before anything is checked; the API server would refuse it where it is an ``error``.

    A suppression is the team's own: what is wrong with one shows after everything is checked. ``hides`` says that nothing of the
    document was checked; then ``advice`` and ``command`` may say how it would be. ``kept_by`` is what kept a chart from being rendered that
    should have been: ``helm`` itself, or that it is ``no helm`` on the path.
    """

    resource: Ref
    path: str
    reason: str
    location: Location | None = None
    level: Literal["error", "warning", "info"] = "error"
    about: Literal["document", "suppression"] = "document"
    evidence: tuple[str, ...] = ()
    hides: bool = False
    advice: str = ""
    command: str = ""
    kept_by: Literal["", "helm", "no helm"] = ""
