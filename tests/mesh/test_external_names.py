"""Which istiods give ExternalNames listeners of their own."""

import pytest

from kubectl_meshfix.mesh.external_names import have_listeners
from tests.injection.installations import istiod, mesh


@pytest.mark.parametrize(
    ("version", "flag", "have"),
    [
        ("1.19.9", None, True),
        ("1.19.9", "true", True),
        ("1.20.0", None, True),
        ("1.20.0", "true", False),
        ("1.20.0", "false", True),
        ("1.20.0", "maybe", True),
        ("1.21.0", None, False),
        ("1.21.0", "false", True),
        ("1.21.0", "true", False),
        ("1.23.0", "false", True),
        ("1.24.0", "false", False),
        ("1.30.0", "false", False),
        ("latest", "false", True),
        ("latest", "true", False),
        ("latest", None, False),
    ],
)
def test_a_version_and_its_flag_decide(version: str, flag: str | None, have: bool) -> None:
    """Before 1.20 always, 1.20 unless the flag is set, until 1.23 where it is turned off; of an unknown version the flag counts."""
    env = {} if flag is None else {"ENABLE_EXTERNAL_NAME_ALIAS": flag}

    assert have_listeners(mesh(istiod(image=f"istio/pilot:{version}", **env))) is have


def test_one_istiod_is_enough() -> None:
    """Of two versions the older one has them; without any nobody does."""
    old, new = istiod(image="istio/pilot:1.19.0"), istiod("r1", image="istio/pilot:1.30.0")

    assert [have_listeners(mesh(*items)) for items in ((), (new,), (new, old))] == [False, False, True]
