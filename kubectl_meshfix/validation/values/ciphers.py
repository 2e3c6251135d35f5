"""Cipher suites of TLS (`pkg/config/security/security.go IsValidCipherSuite`)."""

from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.values.fields import texts
from kubectl_meshfix.validation.violation import Fields, Violations, warning

_SUITES = frozenset({
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
})  # fmt: skip


def ciphers(tls: Fields, path: str) -> Violations:
    """The ``cipherSuites`` of a server: those that Envoy does not know are left out, and second ones too. ``path`` is that of ``tls``."""
    seen: set[str] = set()
    for place, suite in texts(tls, "cipherSuites", path):
        if not _is_known(suite):
            meant = nearest(suite.upper(), _SUITES)
            yield warning(
                place, f'cipherSuites has "{suite}", which Envoy does not know', effect="Istio ignores it", correction=meant, removes=True
            )
        elif suite in seen:
            yield warning(place, f'cipherSuites has "{suite}" twice', effect="Istio ignores the second one", removes=True)
        seen.add(suite)


def _is_known(suite: str) -> bool:
    """Whether istiod lets a suite through; what begins with another sign than a letter or digit is an expression."""
    return suite in _SUITES or suite in ("", "ALL") or not suite[0].isalnum()
