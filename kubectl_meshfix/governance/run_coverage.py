"""How much of the whole a run has looked at: who looks at a part must not call the rest gone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from kubectl_meshfix.rules.choice import is_named
from kubectl_meshfix.rules.rule import Rule


class RunCoverage(msgspec.Struct, frozen=True):
    """What a run has looked at.

    ``ran`` are the rules that could look. ``namespace`` is the one that was looked at, None for all; ``is_partial`` where not even
    that was looked at as a whole: single files, named objects, labels. ``folders`` are where the manifests were, all of them absolute;
    there are none for a cluster. ``objects`` are what was read, by their names in reports.
    """

    ran: tuple[Rule, ...]
    namespace: str | None
    is_partial: bool
    folders: tuple[str, ...]
    objects: tuple[str, ...]

    def is_complete(self, codes: Sequence[str], namespace: str | None) -> bool:
        """Whether every rule that these words mean has looked at all of a namespace; at all there is for None."""
        ran = [any(is_named(rule, word) for rule in self.ran) for word in codes]
        return all(ran) and not self.is_partial and (self.namespace is None or self.namespace == namespace)

    def spans(self, file: str) -> bool:
        """Whether all was looked at that a file stands beside: a cluster, or the file's own folder."""
        return not self.folders or any(Path(file).resolve().is_relative_to(folder) for folder in self.folders)

    def holds(self, means: Callable[[str], object]) -> bool:
        """Whether an object was read whose name a pattern means."""
        return any(means(name) for name in self.objects)
