"""Certificates: whom to trust, and what to show.

Mirrors client-go ``transport/transport.go`` (TLSConfigFor) and Go's verifier where OpenSSL is stricter by default: any
certificate in the bundle is an anchor, be it an intermediate one, and RFC 5280's finer points are not insisted on.
"""

import ssl
import sys
import tempfile
from pathlib import Path

from kubectl_meshfix.documents.reading.limited import MAX_SETTINGS, read_file
from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Gentoo, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/pki/tls/cacert.pem",  # OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL 7 and later
    "/etc/ssl/cert.pem",  # Alpine, macOS
)


def file_content(path: str, what: str) -> bytes:
    """The file's bytes, none for an empty ``path``. Raises SourceError: "The client key /x cannot be read: …"."""
    try:
        return read_file(path, MAX_SETTINGS) if path else b""
    except OSError as error:
        raise SourceError(
            f"The {what} {path} cannot be read: {error.strerror}.", "Check the path in the kubeconfig or the flag."
        ) from error


def authority(cluster: Cluster) -> bytes:
    """The PEM of the authorities the cluster's certificate may come from; empty for the system's own."""
    return cluster.certificate_authority_data or file_content(cluster.certificate_authority, "certificate authority")


def _trust_the_system(context: ssl.SSLContext) -> None:
    """The system's authorities (`crypto/x509/root_linux.go`): an OpenSSL that came along in an archive looks where its maker kept them.

    Where there are none, as for Python on macOS, those that Mozilla trusts.
    """
    context.load_default_certs()
    paths = ssl.get_default_verify_paths()
    if sys.platform == "win32" or paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return
    if found := next((file for file in _BUNDLES if Path(file).is_file()), ""):
        context.load_verify_locations(found)
        return
    import certifi  # noqa: PLC0415 -- few need it, and it takes its time

    context.load_verify_locations(certifi.where())


def tls_context(cluster: Cluster, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """A context for one cluster and one client certificate (PEM, may be empty). Raises SourceError for unusable PEM.

    A private key is on disk for the moment OpenSSL needs to load it, in a folder only its owner can enter.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.hostname_checks_common_name = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if cluster.insecure_skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif trusted := authority(cluster):
        try:
            context.load_verify_locations(cadata=trusted.decode("ascii", "ignore"))
        except ssl.SSLError:
            origin = cluster.certificate_authority or "in certificate-authority-data"
            message = f"The certificate authority {origin} is not a PEM certificate."
            raise SourceError(message, "Fetch the cluster's kubeconfig again, or correct --certificate-authority.") from None
    else:
        _trust_the_system(context)
    if certificate:
        with tempfile.TemporaryDirectory(prefix="kubectl-meshfix-") as folder:
            pair = Path(folder, "client.pem")
            pair.write_bytes(certificate + b"\n" + key)
            try:
                context.load_cert_chain(pair, password="")
            except (ssl.SSLError, ValueError):
                message = "The client certificate and its key cannot be used: they are not PEM, encrypted, or do not belong together."
                raise SourceError(message, "Log in again, or correct the user's client-certificate and client-key.") from None
    return context
