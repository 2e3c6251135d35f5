"""What Envoy says of configuration that it refuses, taken apart."""

import pytest

from kubectl_meshfix.mesh.answers import Push, Sync
from kubectl_meshfix.mesh.envoy_words import Words, read_words

LISTED = "Error adding/updating listener(s) "
ADDED = "Error adding/updating cluster(s) "
OUT, IN = "outbound|80||cart.shop.svc.cluster.local", "inbound|8080||"
CONSTRAINT = "Proto constraint validation failed (ClusterValidationError.Name: value length must be at least 1 characters)"


def words(text: str, kind: str = "LDS") -> Words:
    """What a refusal of a type says."""
    return read_words(Push(type=kind, sync=Sync.ERROR, error=text))


@pytest.mark.parametrize(
    ("kind", "text", "resources", "reason"),
    [
        ("LDS", "", (), ""),
        ("LDS", "no free port", (), "no free port"),
        ("LDS", f"{LISTED}0.0.0.0_80: bad filter", ("0.0.0.0_80",), "bad filter"),
        ("LDS", f"{LISTED}virtualInbound: bad filter, virtualOutbound: other", ("virtualInbound", "virtualOutbound"), "bad filter"),
        ("LDS", f"{LISTED}[::]_80: a: b, 10.0.0.1_90: c", ("[::]_80", "10.0.0.1_90"), "a: b"),
        ("CDS", f"{ADDED}{OUT}: no '{OUT}' here, {IN}: other", (OUT, IN), f"no '{OUT}' here"),
        ("CDS", f'name: "{OUT}" type: EDS: {CONSTRAINT}', (OUT,), CONSTRAINT),
        ("CDS", f': name: "{OUT}" type: EDS: {CONSTRAINT}', (OUT,), CONSTRAINT),
        ("CDS", f'text: "a" name: "{OUT}" x', (), f'text: "a" name: "{OUT}" x'),
        ("LDS", f"{LISTED}0.0.0.0_80: goo.gle/debugstr  \n: {CONSTRAINT}\n", ("0.0.0.0_80",), CONSTRAINT),
    ],
)
def test_the_first_reason_is_told_of_all_resources(kind: str, text: str, resources: tuple[str, ...], reason: str) -> None:
    """All names in their order, and what is said of the first of them, without the message that Envoy prints."""
    found = words(text, kind)

    assert (found.resources, found.reason) == (resources, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 160, "x" * 160),
        ("x" * 161, "x" * 159 + "…"),
        ("x" * 158 + "  y", "x" * 158 + " y"),
        ("x" * 158 + " yz", "x" * 158 + "…"),
        (f" ,: {'x' * 160}, ", "x" * 160),
    ],
)
def test_a_long_reason_is_cut_at_160_characters(text: str, reason: str) -> None:
    """Without the blanks before the cut, and without separators at its ends."""
    assert words(text).reason == reason


def test_of_endless_words_the_beginning_is_read() -> None:
    """20,000 characters; what comes after them names nothing."""
    names = (words(f"{'x ' * 9_990}'{'a' * length}' here").names for length in (18, 19))

    assert list(names) == [frozenset({"a" * 18}), frozenset()]


def test_types_and_names_are_found_in_all_of_it() -> None:
    """Types of messages that do not keep their constraints, and names in quotes or before their type."""
    found = words(f"{CONSTRAINT} | caused by (embedded RouterValidationError.X) 'envoy.lua' and named acme.Filter of type 'two words'")

    assert found.types == {"Cluster", "Router"}
    assert found.names == {"envoy.lua", "acme.Filter"}
