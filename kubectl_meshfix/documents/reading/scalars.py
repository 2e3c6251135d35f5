"""What a YAML scalar means to Kubernetes: go-yaml v2 as sigs.k8s.io/yaml uses it (``go.yaml.in/yaml/v2 resolve.go``)."""

import base64
import math
import re
import struct
from functools import lru_cache

TYPE_PREFIX = "tag:yaml.org,2002:"
STR, BINARY, MERGE = TYPE_PREFIX + "str", TYPE_PREFIX + "binary", TYPE_PREFIX + "merge"
BOOL, INT, FLOAT, NULL = (TYPE_PREFIX + name for name in ("bool", "int", "float", "null"))

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9][0-9]*|0)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])_(?=[0-9])", re.ASCII)
STARTS = frozenset({*(word[:1] for word in _WORDS), *"0123456789+-."})
"""What an unquoted scalar that is no string may begin with; empty for one that is not written."""

_LONGEST_INTEGER = 70  # 64 binary digits, a prefix and a sign


@lru_cache(maxsize=8192)
def plain(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar. A timestamp or a base-60 number is a string; ``1.0`` stays a float."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first in "0123456789+-":
        digits = text.replace("_", "")
        integer = _integer(digits)
        return integer if integer is not None else _float(digits, text)
    return _float(_BETWEEN_DIGITS.sub("", text), text) if first == "." else text


def tagged(tag: str, text: str) -> str | int | float | bool | None:
    """The value of a scalar with an explicit ``tag`` (long form). An unknown tag changes nothing. Raises ValueError with a sentence."""
    if tag == BINARY:
        return _decoded(text)
    if tag not in {BOOL, INT, FLOAT, NULL}:
        return text
    value = plain(text)
    if tag == FLOAT and type(value) is int:
        return float(value)
    if tag != tag_of(value):
        raise ValueError(f'"{text}" is tagged !!{tag.removeprefix(TYPE_PREFIX)}, but it is not one.')
    return value


def tag_of(value: object) -> str:
    """The tag a scalar value carries without being told: ``tag:yaml.org,2002:int`` for ``1``."""
    if isinstance(value, bool):
        return BOOL
    if value is None:
        return NULL
    return INT if isinstance(value, int) else FLOAT if isinstance(value, float) else STR


def key_name(value: object) -> str:
    """A mapping key as JSON has it (sigs.k8s.io/yaml ``convertToJSONableObject``). Raises ValueError with a sentence."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() if value < 2**63:
            return str(value)
        case float():
            return _go_float32(value)
        case None:
            raise ValueError("A key is missing or null; Kubernetes needs a string there.")
        case _:
            raise ValueError("A key is a list, a mapping or a number beyond 64 bits; Kubernetes needs a string there.")


def _integer(digits: str) -> int | None:
    """``strconv.ParseInt(digits, 0, 64)``, else ``ParseUint``, which takes no sign."""
    if len(digits) > _LONGEST_INTEGER or not _INTEGER.fullmatch(digits):
        return None
    sign, body = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    octal = len(body) > 1 and body[0] == "0" and body[1].isdigit()
    number = int(sign + body, 8 if octal else 0)
    return number if -(2**63) <= number < (2**63 if sign else 2**64) else None


def _float(digits: str, text: str) -> float | str:
    """``strconv.ParseFloat``; what overflows is no number but the ``text`` it is written as."""
    number = float(digits) if _FLOAT.fullmatch(digits) else math.inf
    return text if math.isinf(number) else number


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text.replace("\n", ""), validate=True).decode(errors="replace")
    except ValueError as error:
        raise ValueError("A value tagged !!binary is not base64.") from error


def _go_float32(value: float) -> str:
    """``strconv.FormatFloat(value, 'g', -1, 32)``: the fewest digits that give the same 32-bit float."""
    if math.isnan(value):
        return ".nan"
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single == math.inf else "-.inf"
    shortest = next(text for digits in range(9) if struct.pack("f", float(text := f"{single:.{digits}e}")) == struct.pack("f", single))
    mantissa, exponent = shortest.split("e")
    digits = len(mantissa.lstrip("-").replace(".", ""))
    if -4 <= int(exponent) < 6:
        return f"{float(shortest):.{max(digits - 1 - int(exponent), 0)}f}"
    return f"{mantissa}e{exponent}"
