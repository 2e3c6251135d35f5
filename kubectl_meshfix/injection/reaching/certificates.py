"""X.509 certificates as text: whose they are and how long they are valid. OpenSSL reads them, through Python's own ``ssl``."""

import ssl
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any

import msgspec

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Authority(msgspec.Struct, frozen=True):
    """A certificate authority: its name and when it ends, in seconds since 1970."""

    name: str
    not_before: float
    not_after: float


class Bundle(msgspec.Struct, frozen=True):
    """A PEM bundle: the certificates as bytes, those of them that are authorities, and what is wrong with the text."""

    certificates: frozenset[bytes]
    authorities: tuple[Authority, ...]
    problem: str = ""


def bundle(pem: str) -> Bundle:
    """What a PEM text holds. A certificate that is no authority is among the ``certificates`` only: it is compared, never judged."""
    blocks = [f"{_BEGIN}{block.partition(_END)[0]}{_END}" for block in pem.split(_BEGIN)[1:]]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        certificates = frozenset(ssl.PEM_cert_to_DER_cert(block) for block in blocks)
        context.load_verify_locations(cadata="\n".join(blocks))
    except (ValueError, ssl.SSLError):
        return Bundle(frozenset(), (), "nothing in it can be read as PEM")
    return Bundle(certificates, tuple(map(_authority, context.get_ca_certs())))


def encoded_bundle(text: str) -> Bundle:
    """The same of the base64 text that a webhook has for it."""
    try:
        return bundle(b64decode(text, validate=True).decode("ascii"))
    except (Base64Error, UnicodeDecodeError):
        return Bundle(frozenset(), (), "it is not base64-encoded PEM")


def _authority(fields: Mapping[str, Any]) -> Authority:
    subject = [value for part in fields["subject"] for _, value in part]
    before, after = (ssl.cert_time_to_seconds(str(fields[name])) for name in ("notBefore", "notAfter"))
    return Authority(", ".join(map(str, subject)) or "without a name", before, after)
