"""A run taken back: shown, agreed to and carried out, on the cluster or on the files that it changed."""

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kubectl_meshfix.cli import console, progress
from kubectl_meshfix.cli.flags.consent import Consent
from kubectl_meshfix.cli.flags.waiting import WaitFlags, wait_for_rollouts
from kubectl_meshfix.errors import ExitCode
from kubectl_meshfix.render.plan import terminal as shown
from kubectl_meshfix.render.text.terminal import Screen, count, from_here, safe_line
from kubectl_meshfix.resources.meta import Ref

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Api
    from kubectl_meshfix.targets.journal_entry import JournalEntry
    from kubectl_meshfix.targets.undo import UndoPlan


@dataclasses.dataclass(frozen=True)
class UndoRun:
    """How a run is taken back; ``force``: also fields that others have changed since."""

    consent: Consent
    patience: WaitFlags
    force: bool
    out: Screen

    def on_cluster(self, entry: "JournalEntry", api: "Api") -> ExitCode:
        """Show and take back what a run has changed in a cluster."""
        from kubectl_meshfix.targets import undo as target  # noqa: PLC0415 -- only for a cluster

        with progress.steps("Trying", len(entry.objects)) as tried:
            undoing = target.prepare(entry, api, on_server=self.consent.on_server, force=self.force, tried=tried)
        for step in undoing.steps:
            console.answer(shown.cluster_diff(step.preview.before, step.preview.after, step.preview.change, self.out))
        settled = (f"{row.resource}: {row.reason}" for row in undoing.settled)
        refused = [f"{row.resource}: {row.reason}" for row in undoing.refused]
        things = count(len(undoing.steps), "object")
        self._outlook(entry, things, settled, refused, may_force=undoing.has_conflicts)
        if self._goes_on(f"Take back {things} in {api.context or 'the cluster'}?", any_steps=bool(undoing.steps)):
            self._take_back(entry, undoing, api)
            previews = [step.preview for step in undoing.steps]
            if self.patience.wait and not wait_for_rollouts(previews, api, self.patience.deadline()) and not refused:
                return ExitCode.FINDINGS
        return self._code(any_steps=bool(undoing.steps), any_refused=bool(refused))

    def on_files(self, entry: "JournalEntry") -> ExitCode:
        """Show and take back what a run has changed in files."""
        from kubectl_meshfix.targets import undo_files as target  # noqa: PLC0415 -- only for files

        undoing = target.prepare(entry, force=self.force)
        for step in undoing.steps:
            console.answer(shown.file_diff(from_here(step.edit.file), step.edit.before, step.edit.after, (), self.out))
        settled = (f"{from_here(row.file)}: {row.reason}" for row in undoing.settled)
        refused = [f"{from_here(row.file)}: {row.reason}" for row in undoing.refused]
        things = count(len(undoing.steps), "file")
        self._outlook(entry, things, settled, refused, may_force=True)
        if self._goes_on(f"Take back the changes of {things}?", any_steps=bool(undoing.steps)):
            target.take_back(entry, undoing, lambda file: console.tell(f"{safe_line(from_here(file))} taken back\n"))
        return self._code(any_steps=bool(undoing.steps), any_refused=bool(refused))

    def _take_back(self, entry: "JournalEntry", undoing: "UndoPlan", api: "Api") -> None:
        from kubectl_meshfix.targets import undo as target  # noqa: PLC0415 -- only for a cluster

        def taken_back(ref: Ref) -> None:
            console.tell(f"{shown.kubectl_name(ref)} taken back\n")
            tell(shown.kubectl_name(ref))

        with progress.steps("UndoRun back", len(undoing.steps)) as tell:
            target.take_back(entry, undoing, api, taken_back)

    def _outlook(self, entry: "JournalEntry", things: str, settled: Iterable[str], refused: Iterable[str], *, may_force: bool) -> None:
        would = "would be taken back; nothing was changed" if self.consent.only_looks else "to take back"
        console.conclude(f"Run {entry.id} of {entry.made}: {things} {would}.")
        for text in settled:
            console.say(f"  left alone {safe_line(text.rstrip('.'))}.")
        for text in refused:
            console.say(f"  refused {safe_line(text.rstrip('.'))}.")
        if refused and may_force and not self.force:
            console.say("What is refused was not changed. --force-fields also takes back fields that others have changed.")

    def _goes_on(self, question: str, *, any_steps: bool) -> bool:
        return not self.consent.only_looks and (not any_steps or self.consent.to(question))

    def _code(self, *, any_steps: bool, any_refused: bool) -> ExitCode:
        if any_refused:
            return ExitCode.ERROR
        return ExitCode.FINDINGS if any_steps and self.consent.only_looks else ExitCode.OK
