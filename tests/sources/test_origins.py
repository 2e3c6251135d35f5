"""Where objects of files stand."""

import pytest

from kubectl_meshfix.documents.reading.manifests import Origin
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.sources.origins import Origins

CART, PAY = (Service(metadata=Meta(name=name, namespace="shop")) for name in ("cart", "pay"))
IN_A, IN_B = Origin("a.yaml", 0), Origin("b.yaml", 3, "/items/1")


def test_objects_are_found_by_name_and_by_number() -> None:
    """As they were added, and while more come."""
    origins = Origins()
    assert (len(origins), [*origins]) == (0, [])
    assert origins.add(CART, IN_A) == 0
    assert origins[CART.ref.key] == IN_A
    with pytest.raises(KeyError):
        origins[PAY.ref.key]
    assert origins.add(PAY, IN_B) == 1

    assert (len(origins), [*origins]) == (2, [CART.ref.key, PAY.ref.key])
    assert dict(origins) == {CART.ref.key: IN_A, PAY.ref.key: IN_B}
    assert origins.at(0) == (CART, IN_A)
    assert origins.at(1) == (PAY, IN_B)
