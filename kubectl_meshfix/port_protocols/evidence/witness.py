"""A witness of a port's protocol, and what several of them make of it."""

from collections.abc import Iterable
from enum import IntEnum

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.resources.meta import Struct


class Strength(IntEnum):
    """How much a witness is worth."""

    HINT = 1
    """A number or an image: what it mostly means."""
    WORD = 2
    """What somebody called it, or takes it for."""
    PROOF = 3
    """It would not work today if it were otherwise."""
    SEEN = 4
    """The mesh's proxies saw it spoken."""
    TOLD = 5
    """A person says so."""


class Witness(Struct, frozen=True):
    """One piece of evidence, in words that can be shown; ``speaks_first`` where it names a protocol in which the server does."""

    protocol: Protocol
    strength: Strength
    text: str
    speaks_first: bool = False

    def __str__(self) -> str:
        return f"{self.text}: {self.protocol} ({self.strength.name.lower()})"


class Inference(Struct, frozen=True):
    """What the witnesses make of a port; ``protocol`` is None where there are none, or where they contradict each other."""

    protocol: Protocol | None
    is_proven: bool
    witnesses: tuple[Witness, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """The witnesses' words, strongest first, with what each speaks for and how strongly."""
        return tuple(map(str, self.witnesses))


def weigh(witnesses: Iterable[Witness]) -> Inference:
    """The protocol on which the witnesses agree.

    Proofs outvote words and hints, and are proven only if those do not object; without a proof, all have to agree. Nothing is
    called HTTP where a witness names a protocol in which the server speaks first, or plain HTTP where one names HTTP/2: to be
    declared would break these, and to be guessed works.
    """
    heard = sorted({witness.text: witness for witness in witnesses}.values(), key=lambda item: (-item.strength, item.text))
    proofs = [witness for witness in heard if witness.strength >= Strength.PROOF]
    protocol = _exactly({witness.protocol for witness in proofs}) if proofs else agreed({witness.protocol for witness in heard})
    if protocol in HTTP_LIKE and any(witness.speaks_first for witness in heard):
        protocol = None
    if protocol is Protocol.HTTP and any(witness.protocol in HTTP_LIKE - {Protocol.HTTP} for witness in heard):
        protocol = None
    undisputed = protocol is not None and all(agreed({witness.protocol, protocol}) is protocol for witness in heard)
    return Inference(protocol=protocol, is_proven=bool(proofs) and undisputed, witnesses=tuple(heard))


_TELLS_LESS = {
    Protocol.HTTP: HTTP_LIKE,
    Protocol.HTTP2: frozenset({Protocol.GRPC}),
    Protocol.TLS: frozenset({Protocol.HTTPS}),
    Protocol.TCP: frozenset(Protocol) - HTTP_LIKE,
}
"""What says the same as the others, and less of it: ``http`` on a number may be gRPC, ``tcp`` a database."""


def agreed(said: set[Protocol]) -> Protocol | None:
    """The one protocol of which all of ``said`` may be true; None where there is none."""
    rest = {one for one in said if not any(other is not one and other in _TELLS_LESS.get(one, ()) for other in said)}
    return rest.pop() if len(rest) == 1 else None


def _exactly(proven: set[Protocol]) -> Protocol | None:
    """One protocol; a port that is proven to speak both HTTP/1.1 and gRPC is none that a single word declares."""
    return agreed(proven) if not proven & HTTP_LIKE else proven.copy().pop() if len(proven) == 1 else None
