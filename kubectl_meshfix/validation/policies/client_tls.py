"""TLS of a client to a destination (`pkg/config/validation/agent/validation.go ValidateTLS`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values.fields import has, is_true, part, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_CONFIG_MAP = "configmap://"
_FILES = ("clientCertificate", "privateKey", "caCertificates", "caCrl")


def client_tls(policy: Fields, path: str, namespace: str) -> Violations:
    """The ``tls`` of a policy, if there is any. ``path`` is the policy's; ``namespace`` is the object's, empty where it names none."""
    tls, place = part(policy, "tls"), f"{path}/tls"
    if tls is None:
        return
    mode, credential = text(tls, "mode") or "DISABLE", text(tls, "credentialName")
    yield from _config_map(credential, place + join("credentialName"), namespace)
    if is_true(tls, "insecureSkipVerify"):
        yield from _unverified(tls, place, mode)
    if mode in ("SIMPLE", "MUTUAL") and credential:
        for name in _FILES:
            if text(tls, name):
                says = f'tls has {name} beside credentialName "{credential}", and with a credential the files are read from it alone'
                yield Violation(path=place + join(name), says=says)
    elif mode == "MUTUAL":
        for name in ("clientCertificate", "privateKey"):
            if not text(tls, name):
                yield Violation(path=place, says=f"tls mode MUTUAL needs a {name}, or a credentialName")


def _config_map(credential: str, path: str, namespace: str) -> Violations:
    if not credential.startswith(_CONFIG_MAP):
        return
    home, _, rest = credential.removeprefix(_CONFIG_MAP).partition("/")
    if not home or not rest.partition("/")[0]:
        yield Violation(path=path, says=f'credentialName "{credential}" needs a namespace and a name: {_CONFIG_MAP}NAMESPACE/NAME')
    elif namespace and home != namespace:
        yield Violation(
            path=path, says=f'credentialName "{credential}" is in namespace {home}, and only the own one, {namespace}, is allowed'
        )


def _unverified(tls: Fields, path: str, mode: str) -> Violations:
    """What says how to verify a server that is not to be verified."""
    names = {"SIMPLE": ("caCertificates", "credentialName"), "MUTUAL": ("caCertificates",)}.get(mode, ())
    for name in names:
        if text(tls, name):
            yield Violation(path=path + join(name), says=f"tls has {name} beside insecureSkipVerify, which skips what it is for")
    if names and has(tls, "subjectAltNames") and tls["subjectAltNames"]:
        yield Violation(
            path=path + join("subjectAltNames"), says="tls has subjectAltNames beside insecureSkipVerify, which skips what they are for"
        )
