"""TLS of a server, of a Gateway or of a Sidecar's ingress (`pkg/config/validation/validation.go validateTLSOptions`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values.ciphers import ciphers
from kubectl_meshfix.validation.values.fields import items, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_PASSES_THROUGH = ("PASSTHROUGH", "AUTO_PASSTHROUGH")
_TERMINATES = ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL")
_SOURCES = ("serverCertificate", "privateKey", "caCertificates", "tlsCertificates", "credentialName", "credentialNames")


def mode_of(tls: Fields | None) -> str:
    """The mode; without any it is PASSTHROUGH."""
    return text(tls, "mode") or "PASSTHROUGH"


def passes_through(tls: Fields | None) -> bool:
    """Whether TLS goes through to the workload as it came (`pkg/config/gateway/gateway.go IsPassThroughServer`)."""
    return tls is not None and mode_of(tls) in _PASSES_THROUGH


def server_tls(tls: Fields, path: str, *, may_be_credential: bool = True) -> Violations:
    """The settings of a server. ``path`` is theirs; ``may_be_credential`` is whether it can have its certificate from a Secret."""
    version = text(tls, "minProtocolVersion")
    if version in ("TLSV1_0", "TLSV1_1") and not items(tls, "cipherSuites"):
        says = f"minProtocolVersion is {version}, and the default ciphers need TLSV1_2; write cipherSuites of {version} too"
        yield warning(f"{path}/minProtocolVersion", says)
    yield from ciphers(tls, path)
    mode = mode_of(tls)
    written = [name for name in _SOURCES if text(tls, name) or items(tls, name)]
    if mode == "ISTIO_MUTUAL":
        for name in written:
            says = f"tls has {name}, and mode ISTIO_MUTUAL uses the proxy's own certificate"
            yield Violation(path=path + join(name), says=says)
        return
    if mode in _PASSES_THROUGH:
        for name in [*written, *(["caCrl"] if text(tls, "caCrl") else [])]:
            says = f"tls has {name}, and mode {mode} uses no certificates"
            yield warning(path + join(name), says, effect="Istio ignores it", removes=True)
    yield from _one_source(tls, path)
    if mode in _TERMINATES and (text(tls, "credentialName") or items(tls, "credentialNames")):
        return
    if mode in _TERMINATES:
        yield from _files(tls, path, mode, ", or a credentialName" if may_be_credential else "")
    yield from _revocations(tls, path, mode)


def _one_source(tls: Fields, path: str) -> Violations:
    names = [name for name in ("credentialName", "credentialNames", "tlsCertificates") if text(tls, name) or items(tls, name)]
    if text(tls, "serverCertificate") and text(tls, "privateKey"):
        names.append("serverCertificate and privateKey")
    if len(names) > 1:
        yield Violation(path=path, says=f"tls has its certificate from more than one place: {', '.join(names)}; leave one")


def _files(tls: Fields, path: str, mode: str, otherwise: str) -> Violations:
    """Certificates and keys in files. ``otherwise`` is what can be written instead."""
    if mode != "SIMPLE" and not text(tls, "caCertificates"):
        yield Violation(path=path, says=f"tls mode {mode} needs caCertificates{otherwise}")
    several = list(parts(tls, "tlsCertificates", path))
    if len(several) > 2:
        yield warning(f"{path}/tlsCertificates", f"tlsCertificates has {len(several)} certificates, and 2 are the most")
    for place, certificate in several or [(path, tls)]:
        for name in ("serverCertificate", "privateKey"):
            if not text(certificate, name):
                yield Violation(path=place, says=f"tls mode {mode} needs a {name}" + ("" if several else otherwise))


def _revocations(tls: Fields, path: str, mode: str) -> Violations:
    if not text(tls, "caCrl"):
        return
    if text(tls, "credentialName"):
        yield Violation(path=f"{path}/caCrl", says="tls has caCrl beside credentialName; put the list into the credential")
    if mode == "SIMPLE":
        yield Violation(path=f"{path}/caCrl", says="tls has caCrl, and mode SIMPLE asks for no certificates that could be revoked")
