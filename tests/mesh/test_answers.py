"""What istiods and proxies answered, in words."""

import pytest

from kubectl_meshfix.mesh.answers import NONE_ASKED, Connected, Push, Sync, changes, proxy_of
from kubectl_meshfix.resources.meta import Ref

POD = Ref("v1", "Pod", "shop", "cart-1")


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ((), ""),
        (("LDS",), "listeners"),
        (("CDS", "RDS"), "clusters and routes"),
        (("EDS", "ECDS", "SDS"), "endpoints, extensions and certificates"),
        (("CDS", "NDS"), "clusters and NDS"),
    ],
)
def test_types_of_configuration_are_named_by_what_they_hold(types: tuple[str, ...], words: str) -> None:
    """A type that is not known keeps its name."""
    assert changes(types) == words


@pytest.mark.parametrize(
    ("states", "has_refused"),
    [((), False), ((Sync.SYNCED, Sync.STALE, Sync.NOT_SENT), False), ((Sync.ERROR, Sync.SYNCED), True), ((Sync.ERROR,), True)],
)
def test_one_type_is_enough_for_a_refusal(states: tuple[Sync, ...], has_refused: bool) -> None:
    """A proxy that has accepted all others refuses something all the same."""
    pushes = tuple(Push(type="CDS", sync=state) for state in states)

    assert Connected(namespace="shop", name="cart-1", istiod=POD, pushes=pushes).has_refused is has_refused


def test_who_asked_nobody_knows_nothing() -> None:
    """Not even that a proxy is connected to none."""
    assert not NONE_ASKED.is_every_istiod
    assert (NONE_ASKED.of, NONE_ASKED.at, NONE_ASKED.missing) == (0, "", ())


def test_a_silent_proxy_is_named_by_its_pod() -> None:
    """So it stands among what gave no answer."""
    assert proxy_of(POD) == "proxy of Pod shop/cart-1"
