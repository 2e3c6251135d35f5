"""What keeps a pattern from being one that Go's module takes (`regexp/syntax/parse.go`)."""

from kubectl_meshfix.resources.re2.nodes import Choice, Node, Repeat, Sequence, UnreadableError, UnreadError
from kubectl_meshfix.resources.re2.syntax import parse

_MOST_REPEATS = 1000


def flaw(pattern: str) -> str:
    """What keeps a pattern from being one of RE2, as a clause; empty for a good one."""
    try:
        tree = parse(pattern)
    except UnreadError:
        return ""
    except UnreadableError as error:
        return str(error)
    return "" if _is_repeated_within(tree, _MOST_REPEATS) else f"what is repeated comes more than {_MOST_REPEATS} times in all"


def _is_repeated_within(node: Node, budget: int) -> bool:
    """Whether repetitions inside of each other multiply to no more (Go: `regexp/syntax/parse.go repeatIsValid`)."""
    match node:
        case Repeat(part, least, most):
            times = least if most is None else most
            if most == 0:
                return True
            return times <= budget and _is_repeated_within(part, budget // times if times else budget)
        case Sequence(inner) | Choice(inner):
            return all(_is_repeated_within(part, budget) for part in inner)
        case _:
            return True
