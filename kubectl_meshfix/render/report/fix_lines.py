"""A fix in the plain text of a format for machines."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix


def fix_lines(fix: Fix | None) -> Iterator[str]:
    """What to do and how safe that is, then its risk where it has one; nothing where there is no fix."""
    if fix:
        yield f"Fix ({fix.safety}): {fix.advice}"
        if fix.risk:
            yield f"Risk: {fix.risk}"
