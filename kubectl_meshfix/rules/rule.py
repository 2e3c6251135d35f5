"""Rule and Finding: what a check declares and what it reports."""

from collections.abc import Callable, Iterator

from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.severity import Severity

__all__ = ["Finding", "Rule", "Severity"]


class Finding(Struct, frozen=True):
    """One thing that is wrong with one object.

    ``path`` is the JSON pointer of the culprit inside of the object. ``message`` names the consequence, not only the fact.
    ``aliases`` and ``severity`` stand in for the rule's own where one rule covers several codes of others. ``location`` is set
    only where the source knows it and the object does not. ``on_request`` is for what hardly anybody has to change: it is reported where
    every object is asked for, by ``--scope all``.
    """

    resource: Ref
    path: str
    message: str
    evidence: tuple[str, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    aliases: tuple[str, ...] | None = None
    location: Location | None = None
    on_request: bool = False


class Rule(Struct, frozen=True):
    """A check as data. ``inputs`` must be readable for it to run; ``optional`` kinds sharpen it.

    ``about`` are the kinds of the objects that its findings are about, where not any of the others may be one: without an object of these,
    the rule is not asked, and its module not imported. Nor is it without an object of each kind in ``needs``, without two of each kind in
    ``compares``, and of files, where none of ``words`` stands in any of them: keys and values of which there is always one where the rule
    may have a finding, in its object or in another that it is read with.

    ``of_answers`` is for rules about what istiods and proxies answered: where none was asked, such a rule is not asked either.

    ``aliases`` are all codes of others that its findings can carry, whether each of them carries all or not.
    """

    code: str
    name: str
    severity: Severity
    inputs: tuple[Kind, ...]
    summary: str
    check: Callable[[Mesh], Iterator[Finding]]
    optional: tuple[Kind, ...] = ()
    about: tuple[Kind, ...] = ()
    needs: tuple[Kind, ...] = ()
    compares: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    of_answers: bool = False

    @property
    def subjects(self) -> tuple[Kind, ...]:
        """The kinds that a finding can be about; none for a rule about the input itself."""
        return self.about or (*self.inputs, *self.optional)
