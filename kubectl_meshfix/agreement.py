"""What a rule finds in several meshes of one input: an object that stands in all of them is only wrong where it is wrong in all."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.rule import Finding, Rule

_BY_CARE = tuple(Safety)
"""Mildest first: of two that several surroundings give one fix, the last holds in all of them."""

_DIFFERENT = "The folders that share this object need different changes of it."


def findings(rule: Rule, meshes: Meshes) -> Iterator[Finding]:
    """All findings of a rule, each once. Of an object that several meshes hold, those that every one of them finds.

    A false alarm costs more than a missed one: the same object may be wrong beside one copy of another and right beside the next.
    What is no object of a mesh, such as a file, is known to all of them. A live object stands once, and each of several files that are
    laid over its cluster may be what makes it wrong.
    """
    if len(meshes) == 1 or not (rule.inputs or rule.optional):
        yield from rule.check(meshes.first.restricted_to(*rule.inputs, *rule.optional))
        return
    found: dict[tuple[Ref, str], dict[int, list[Finding]]] = {}
    for index, mesh in enumerate(meshes):
        for finding in rule.check(mesh.restricted_to(*rule.inputs, *rule.optional)):
            if not mesh.is_about(finding.resource):
                continue
            found.setdefault((finding.resource, finding.path), {}).setdefault(index, []).append(finding)
    for (resource, _), by_mesh in found.items():
        variants = list(by_mesh.values())
        if meshes.mesh_of(resource).is_live(resource):
            yield from {finding.message: finding for variant in variants for finding in variant}.values()
        elif len(variants) == 1:
            if len(meshes.holding(resource)) <= 1:
                yield from variants[0]
        elif len(variants) >= len(meshes.holding(resource)):
            yield from _agreed(rule, variants)


def _agreed(rule: Rule, variants: Sequence[list[Finding]]) -> Iterator[Finding]:
    """What all say in the same words; where their words differ, the mildest of them."""
    by_words = [{finding.message: finding for finding in variant} for variant in variants]
    shared = [words for words in by_words[0] if all(words in other for other in by_words)]
    rows = [[said[words] for said in by_words] for words in shared] or [[variant[0] for variant in variants]]
    for row in rows:
        mildest = max(row, key=lambda finding: (finding.severity or rule.severity).rank)
        yield msgspec.structs.replace(mildest, fix=_for_all([finding.fix for finding in row]))


def _for_all(fixes: Sequence[Fix | None]) -> Fix | None:
    """One fix that suits all surroundings: it changes what each of them has to change, and is as careful as the most careful one."""
    known = [fix for fix in fixes if fix]
    if len(known) < len(fixes):
        return None
    careful = max(known, key=lambda fix: _BY_CARE.index(fix.safety))
    if careful.safety is Safety.MANUAL or all(fix.patches == careful.patches for fix in known):
        return careful
    from kubectl_meshfix.fixes.merge import contradict  # noqa: PLC0415 -- for several meshes alone

    if any(contradict(one.patches, other.patches) for one in known for other in known):
        return manual(careful.summary, why=_DIFFERENT)
    return msgspec.structs.replace(careful, patches=tuple(_together(known)))


def _together(fixes: Iterable[Fix]) -> Iterator[Patch]:
    """The patches of all fixes, each once."""
    seen: list[Patch] = []
    for patch in (patch for fix in fixes for patch in fix.patches):
        if patch not in seen:
            seen.append(patch)
            yield patch
