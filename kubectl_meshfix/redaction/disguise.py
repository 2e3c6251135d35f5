"""One word for another: the same one for the same word, as long as the key is the same, and none that leads back."""

import hashlib
import ipaddress
import re

from kubectl_meshfix.redaction.kept_words import WORD, kept_words
from kubectl_meshfix.resources.meta import Struct

_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_SIZE = 5

_KEPT = re.compile(r"\d{1,5}|v\d+(alpha\d+|beta\d+)?|\d+(ns|us|ms|s|m|h|k|M|G|T|Ki|Mi|Gi|Ti)|(\d+[hms]){1,3}")
"""Numbers as small as ports, versions, times and quantities. Longer numbers may be those of accounts."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(\.\d{1,3}){3}(?![\w.])")


class Disguise(Struct, frozen=True):
    """What a bundle's words are replaced with follows from ``key``, which is drawn for each bundle and kept nowhere."""

    key: bytes

    def text(self, text: str) -> str:
        """A text with every word replaced that the program does not know; punctuation, capitals and addresses' networks stay."""
        if _TIME.fullmatch(text):
            return text
        if address := _addressed(text):
            return self._address(address) + text[len(text.partition("/")[0]) :]
        text = _ADDRESS.sub(lambda match: self._address(found) if (found := _addressed(match[0])) else match[0], text)
        return WORD.sub(lambda match: self.word(match[0]), text)

    def word(self, word: str) -> str:
        """Another word, which has a capital where it has one; or the word itself, if the program knows it."""
        return word if _KEPT.fullmatch(word) or word.lower() in kept_words() else self.whole(word)

    def whole(self, word: str) -> str:
        """Another word for a text of any kind, known or not."""
        number = int.from_bytes(self._digest(word.lower().encode()), "big")
        made = ""
        for _ in range(_SIZE):
            number, rest = divmod(number, len(_LETTERS))
            made += _LETTERS[rest]
        return made.capitalize() if word[:1].isupper() else made

    def _address(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
        """Another address; two addresses of one network are of one network afterwards, and what has a meaning to everybody stays."""
        if any(address in network for network in _MEANT if network.version == address.version):
            return str(address)
        size = address.max_prefixlen
        bits = f"{int(address):0{size}b}"
        first = next((network.prefixlen for network in _PRIVATE if network.version == address.version and address in network), 0)
        turned = (
            str(int(bit) ^ (self._digest(f"{size}/{bits[:at]}".encode())[0] & 1)) if at >= first else bit for at, bit in enumerate(bits)
        )
        return str(type(address)(int("".join(turned), 2)))

    def _digest(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, key=self.key, digest_size=8).digest()


_MEANT = [ipaddress.ip_network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127")]
_PRIVATE = [
    ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
]


def _addressed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, or is the network of."""
    try:
        return ipaddress.ip_address(text.partition("/")[0])
    except ValueError:
        return None
