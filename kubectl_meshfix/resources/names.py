"""What may be the name of an object."""

import re

_DNS_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"

NAMESPACE_NAMES = "Use lower-case letters, digits and dashes, at most 63."


def can_name_a_namespace(text: str) -> bool:
    """Whether a namespace may be called so (`apimachinery/pkg/util/validation.IsDNS1123Label`)."""
    return re.fullmatch(_DNS_LABEL, text) is not None
