"""Formats of texts that schemas name."""

import base64
import binascii
import re

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float | None:
    """The length of a duration in Go's notation, such as ``1h30m``, in seconds (`time.ParseDuration`); None for any other text."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0.0
    parts = _PART.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body:
        return None
    length = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return -length if text[0] == "-" else length


def misfit(text: str, name: str) -> str:
    """What is wrong with a text of a format, as the end of a sentence that begins with the text; empty where nothing is."""
    match name:
        case "duration":
            length = seconds(text)
            if length is None:
                return "is no duration, such as 5s or 500ms"
            return "" if length >= 0.001 else "is shorter than 1ms, the shortest duration that Istio takes"
        case "byte":
            try:
                base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                return "is not base64"
    return ""
