"""Formats of texts that schemas name."""

import base64
import binascii

from kubectl_meshfix.resources.go_duration import seconds

MILLISECOND = 0.001


def misfit(text: str, name: str) -> str:
    """What is wrong with a text of a format, as the end of a sentence that begins with the text; empty where nothing is."""
    match name:
        case "duration":
            length = seconds(text)
            return "is no duration of 1ms or more, such as 5s" if length is None or length < MILLISECOND else ""
        case "time":
            return "is no duration, such as 5s" if seconds(text.removeprefix("-")) is None else ""
        case "byte":
            try:
                base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                return "is not base64"
    return ""
