"""A piece of evidence for a port's protocol, and what several pieces together say."""

from collections.abc import Iterable
from enum import IntEnum

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.resources.meta import Struct


class Strength(IntEnum):
    """How strong a piece of evidence is."""

    HINT = 1
    """What a port number or an image usually means."""
    CLAIM = 2
    """What a name or a route says; nothing shows that it works."""
    PROOF = 3
    """Something that works today would not work with another protocol."""
    MEASURED = 4
    """The mesh's proxies counted such traffic."""
    EXPLICIT = 5
    """A flag or the settings say so."""


_WORDS = {strength: strength.name.lower() for strength in Strength}


class Witness(Struct, frozen=True):
    """One piece of evidence, in words that can be shown; ``speaks_first`` where it names a protocol in which the server does.

    ``allows_http2`` where it shows HTTP/1.1 and could not have shown HTTP/2, which kubelet does not probe
    (`k8s.io/kubernetes/pkg/probe/http`).
    """

    protocol: Protocol
    strength: Strength
    text: str
    speaks_first: bool = False
    allows_http2: bool = False

    def __str__(self) -> str:
        return f"{self.text}: {self.protocol} ({_WORDS[self.strength]})"


class Inference(Struct, frozen=True):
    """What all evidence together says of a port; ``protocol`` is None where there is none, or where it contradicts itself.

    ``is_measured`` says that the proxies counted this protocol and no other, and that nothing contradicts it.
    """

    protocol: Protocol | None
    is_proven: bool
    witnesses: tuple[Witness, ...]
    is_measured: bool = False

    @property
    def evidence(self) -> tuple[str, ...]:
        """A line for each witness, strongest first, with its protocol and strength."""
        return tuple(map(str, self.witnesses))


def weigh(witnesses: Iterable[Witness]) -> Inference:
    """The protocol on which the witnesses agree.

    Proofs decide against claims and hints, but the protocol is proven only if those agree; without a proof, all have to agree. A hint may
    contradict what is said, and never makes it more special: ``tls`` stays ``tls`` on port 443. It is never HTTP where a witness names a
    protocol in which the server speaks first, nor plain HTTP where one names HTTP/2: a declaration would break these, and sniffing works.
    HTTP/2 that is claimed is not against a probe over HTTP/1.1, since servers of HTTP/2 without TLS speak both, nor is it proven by it.
    """
    ordered = sorted({witness.text: witness for witness in witnesses}.values(), key=lambda item: (-item.strength, item.text))
    proofs = [witness for witness in ordered if witness.strength >= Strength.PROOF]
    protocol = _exactly({witness.protocol for witness in proofs}) if proofs else _said(ordered)
    if proofs and all(witness.allows_http2 for witness in proofs) and _said(ordered) is Protocol.HTTP2:
        protocol = Protocol.HTTP2
    if protocol in HTTP_LIKE and any(witness.speaks_first for witness in ordered):
        protocol = None
    if protocol is Protocol.HTTP and any(witness.protocol in HTTP_LIKE - {Protocol.HTTP} for witness in ordered):
        protocol = None
    named = {witness.protocol for witness in ordered}
    undisputed = protocol is not None and all(agreed({other, protocol}) is protocol for other in named)
    measured = {witness.protocol for witness in ordered if witness.strength is Strength.MEASURED}
    return Inference(
        protocol=protocol,
        is_proven=undisputed and protocol in {witness.protocol for witness in proofs},
        witnesses=tuple(ordered),
        is_measured=undisputed and measured == {protocol},
    )


_LESS_SPECIFIC = {
    Protocol.HTTP: HTTP_LIKE,
    Protocol.HTTP2: frozenset({Protocol.GRPC}),
    Protocol.TLS: frozenset({Protocol.HTTPS}),
    Protocol.TCP: frozenset(Protocol) - HTTP_LIKE,
}
"""Protocols that another one may be more exactly: ``http`` may be gRPC, ``tcp`` a database."""


def agreed(protocols: set[Protocol]) -> Protocol | None:
    """The one protocol with which all of them agree; None where there is none."""
    rest = {one for one in protocols if not any(other is not one and other in _LESS_SPECIFIC.get(one, ()) for other in protocols)}
    return rest.pop() if len(rest) == 1 else None


def _said(witnesses: Iterable[Witness]) -> Protocol | None:
    """What claims say, or hints where there is no claim, if all of them agree."""
    found = tuple(witnesses)
    claimed = {witness.protocol for witness in found if witness.strength > Strength.HINT}
    together = agreed({witness.protocol for witness in found})
    return agreed(claimed) if claimed and together else together


def _exactly(proven: set[Protocol]) -> Protocol | None:
    """One protocol; a port that is proven to speak both HTTP/1.1 and gRPC is none that a single word declares."""
    return agreed(proven) if not proven & HTTP_LIKE else proven.copy().pop() if len(proven) == 1 else None
