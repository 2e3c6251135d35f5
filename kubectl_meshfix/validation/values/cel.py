"""Whether a text is an expression of CEL: its grammar, not its types (`github.com/google/cel-go/parser`)."""

import re

_RESERVED = frozenset((
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "namespace", "null",
    "package", "return", "true", "var", "void", "while",
))  # fmt: skip
_ESCAPE = r"\\(?:[abfnrtv\\?\"'`]|x[0-9A-Fa-f]{2}|X[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3][0-7]{2})"
_TEXTS = (
    '[bB]?[rR]"""(?:.|\n)*?"""', "[bB]?[rR]'''(?:.|\n)*?'''", r'[bB]?[rR]"[^"\n\r]*"', r"[bB]?[rR]'[^'\n\r]*'",
    rf'[bB]?"""(?:{_ESCAPE}|[^\\])*?"""', rf"[bB]?'''(?:{_ESCAPE}|[^\\])*?'''",
    rf'[bB]?"(?:{_ESCAPE}|[^\\"\n\r])*"', rf"[bB]?'(?:{_ESCAPE}|[^\\'\n\r])*'",
)  # fmt: skip
_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n\f]+|//[^\n]*)
    |(?P<text>{"|".join(piece.replace("#", "[#]").replace(" ", "[ ]") for piece in _TEXTS)})
    |(?P<number>[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.[0-9]+(?:[eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+[uU]?|[0-9]+[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{{}}])""",
    re.VERBOSE,
)
_RELATIONS = ("<", "<=", ">", ">=", "==", "!=", "in")
_LEVELS = (("||",), ("&&",), _RELATIONS, ("+", "-"), ("*", "/", "%"))
_DEEPEST = 100


class _FlawError(Exception):
    """What keeps a text from being an expression, as a clause."""


def flaw(expression: str) -> str:
    """What keeps a text from being an expression of CEL, as a clause; empty for a good one."""
    try:
        tokens = _tokens(expression)
        at = _expression(tokens, 0, 0)
        if tokens[at][1]:
            _refuse(tokens[at][1])
    except _FlawError as found:
        return str(found)
    return ""


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kinds and words, with an empty word for the end."""
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            hint = {"=": "; write == to compare", "&": "; write && for and", "|": "; write || for or"}.get(text[at], "")
            raise _FlawError(
                "a quoted text is not closed or has an unknown escape" if text[at] in "\"'" else f'"{text[at]}" is not allowed there{hint}'
            )
        at = match.end()
        if match.lastgroup != "space":
            found.append((str(match.lastgroup), match[0]))
    return [*found, ("end", "")]


Tokens = list[tuple[str, str]]


def _refuse(word: str) -> None:
    hint = {"and": "; write &&", "or": "; write ||", "not": "; write !"}.get(word.lower(), "")
    raise _FlawError(f'"{word}" is not expected there{hint}' if word else "it ends too early")


def _expect(tokens: Tokens, at: int, word: str) -> int:
    if tokens[at] != ("sign", word):
        _refuse(tokens[at][1])
    return at + 1


def _expression(tokens: Tokens, at: int, depth: int) -> int:
    """The place after an expression that begins at a place; here and below."""
    if depth > _DEEPEST:
        raise _FlawError("it is nested too deeply")
    at = _level(tokens, at, 0, depth)
    if tokens[at] == ("sign", "?"):
        at = _expect(tokens, _level(tokens, at + 1, 0, depth), ":")
        at = _expression(tokens, at, depth + 1)
    return at


def _level(tokens: Tokens, at: int, level: int, depth: int) -> int:
    """Operators of one precedence, from ``||`` on, between those of the next one."""
    if level == len(_LEVELS):
        return _unary(tokens, at, depth)
    at = _level(tokens, at, level + 1, depth)
    while tokens[at][0] in ("sign", "name") and tokens[at][1] in _LEVELS[level]:
        at = _level(tokens, at + 1, level + 1, depth)
    return at


def _unary(tokens: Tokens, at: int, depth: int) -> int:
    sign = tokens[at]
    while sign in (("sign", "!"), ("sign", "-")) and tokens[at] == sign:
        at += 1
    at = _primary(tokens, at, depth)
    while tokens[at] in (("sign", "."), ("sign", "[")):
        if tokens[at][1] == "[":
            at = _expect(tokens, _expression(tokens, at + 1, depth + 1), "]")
            continue
        at = _name(tokens, at + 1, is_field=True)
        if tokens[at] == ("sign", "("):
            at = _list(tokens, at + 1, ")", depth)
    return at


def _primary(tokens: Tokens, at: int, depth: int) -> int:
    kind, word = tokens[at]
    if kind in ("number", "text") or word in ("true", "false", "null"):
        return at + 1
    if word == "(":
        return _expect(tokens, _expression(tokens, at + 1, depth + 1), ")")
    if word in ("[", "{"):
        return _list(tokens, at + 1, "]" if word == "[" else "}", depth, is_map=word == "{")
    at = _name(tokens, at + (word == "."))
    start = at
    while tokens[start] == ("sign", ".") and tokens[start + 1][0] == "name":
        start += 2
    if tokens[start] == ("sign", "{"):
        return _list(tokens, start + 1, "}", depth, is_map=True)
    return _list(tokens, at + 1, ")", depth) if tokens[at] == ("sign", "(") else at


def _name(tokens: Tokens, at: int, *, is_field: bool = False) -> int:
    kind, word = tokens[at]
    if kind != "name" or word in (("in", "true", "false", "null") if is_field else _RESERVED):
        _refuse(word)
    return at + 1


def _list(tokens: Tokens, at: int, end: str, depth: int, *, is_map: bool = False) -> int:
    """Values with commas between them, or keys with values, up to their end; a comma may come before it, but not in a call."""
    while tokens[at] != ("sign", end):
        at = _expression(tokens, at, depth + 1)
        if is_map:
            at = _expression(tokens, _expect(tokens, at, ":"), depth + 1)
        if tokens[at] == ("sign", ",") and (end != ")" or tokens[at + 1] != ("sign", end)):
            at += 1
        elif tokens[at] != ("sign", end):
            _refuse(tokens[at][1])
        else:
            break
    return at + 1
