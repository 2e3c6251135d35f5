"""The fixes that most rules need."""

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import choice, corrected, few, near, patch, removal, replacement
from kubectl_meshfix.fixes.fix import Safety, manual
from kubectl_meshfix.resources.meta import Ref

POLICY = Ref("security.istio.io/v1", "AuthorizationPolicy", "shop", "cart")
PATH = "/spec/rules/0/from/0/source/namespaces/0"
BY_HAND = manual("Name a namespace that exists.")


def test_a_value_is_replaced_where_it_still_stands() -> None:
    """A replacement and a removal are opened by a test of the old value."""
    assert replacement("/a", "old", "new") == (Operation("test", "/a", "old"), Operation("replace", "/a", "new"))
    assert removal("/a", "old") == (Operation("test", "/a", "old"), Operation("remove", "/a"))


def test_a_fix_of_one_object_is_unsafe_unless_said() -> None:
    """Whoever does not weigh a fix gets the cautious one."""
    assert patch(POLICY, removal("/a", 1), "Remove it.").safety is Safety.UNSAFE
    assert patch(POLICY, removal("/a", 1), "Remove it.", Safety.SAFE).patches[0].resource == POLICY


@pytest.mark.parametrize(
    ("better", "summary", "safety"),
    [
        (("checkout",), "Replace chekout with checkout.", Safety.UNSAFE),
        (("checkout", "check"), "Use one of checkout, check.", Safety.MANUAL),
        ((), BY_HAND.summary, Safety.MANUAL),
    ],
    ids=["one", "several", "none"],
)
def test_a_reference_is_corrected_where_one_name_fits(better: tuple[str, ...], summary: str, safety: Safety) -> None:
    """One name is written, several are a choice, and for none the caller says what to do."""
    fix = corrected(POLICY, PATH, "chekout", better, BY_HAND)

    assert (fix.summary, fix.safety) == (summary, safety)
    assert [operation.op for item in fix.patches for operation in item.operations] == (
        ["test", "replace"] if better[1:] == () and better else []
    )


def test_a_near_name_is_the_only_one() -> None:
    """A slip of the keyboard has one name, and two that are as near have none."""
    assert near("chekout", ("checkout", "payments")) == ("checkout",)
    assert near("cart", ("card", "carp")) == ()


def test_a_choice_names_what_there_is() -> None:
    """The options stand where the text has its braces, and the commands stay."""
    fix = choice("Add a port, {}.", (80, 9000), "kubectl edit service cart")

    assert (fix.summary, fix.commands, fix.safety) == ("Add a port, one of 80, 9000.", ("kubectl edit service cart",), Safety.MANUAL)


@pytest.mark.parametrize(
    ("names", "text"),
    [(("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and 1 more"), (tuple("abcdef"), "a, b and 4 more")],
    ids=str,
)
def test_few_names_fit_a_sentence(names: tuple[str, ...], text: str) -> None:
    """One or two names are written out; of more, the first two and how many are left."""
    assert few(names) == text
