"""Why no answer came, in plain words. Like ``http``, this module imports ``urllib3``."""

import errno
import http.client
import re
import socket
import ssl
import zlib
from urllib.parse import urlsplit

from urllib3 import exceptions

from kubectl_meshfix.sources.api.api_errors import UnreachableError
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig

_REACH = "Check that the cluster runs, the server's address, and your network and VPN; or choose another with --context."
_EXPIRED, _NOT_YET_VALID = 10, 9
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
_OTHER_NAME = (62, 63, 64)


def unreachable(error: Exception, kubeconfig: Kubeconfig) -> UnreachableError:
    """The sentence for an exception of urllib3 or of the sockets below it."""
    server = kubeconfig.cluster.server
    match error:
        case exceptions.ProxyError():
            return UnreachableError(
                f"The proxy for {server} refuses the request: {_plain(error.original_error)}.",
                "Check HTTPS_PROXY and NO_PROXY, or the cluster's proxy-url in the kubeconfig.",
            )
        case exceptions.NameResolutionError():
            return UnreachableError(f"The host name of the API server {server} cannot be resolved.", _REACH)
        case exceptions.NewConnectionError():
            return UnreachableError(f"The API server {server} cannot be reached: {_plain(error)}.", _REACH)
        case exceptions.ConnectTimeoutError():
            return UnreachableError(f"The API server {server} did not accept a connection in time.", _REACH)
        case exceptions.ReadTimeoutError() | TimeoutError():
            return _too_late(kubeconfig)
        case exceptions.SSLError() | ssl.SSLError():
            return _tls(error, kubeconfig)
        case exceptions.DecodeError() | zlib.error():
            return UnreachableError(f"The answer of {server} is damaged: it cannot be decompressed.", "Try --disable-compression.")
        case exceptions.ProtocolError() | ConnectionError():
            return _broken(error, server)
        case _:
            return UnreachableError(f"The request to {server} failed: {_plain(error)}.", _REACH)


def _too_late(kubeconfig: Kubeconfig) -> UnreachableError:
    server = kubeconfig.cluster.server
    if kubeconfig.timeout is None:
        return UnreachableError(f"The API server {server} accepted a connection and sent no answer.", _REACH)
    return UnreachableError(
        f"The API server {server} did not answer within the {kubeconfig.timeout:g} s of --request-timeout.",
        "Raise --request-timeout, or read less with -n or a name.",
    )


def _broken(error: Exception, server: str) -> UnreachableError:
    cause = error.args[-1] if error.args and isinstance(error.args[-1], Exception) else error
    match cause:
        case http.client.IncompleteRead() | exceptions.InvalidChunkLength():
            return UnreachableError(f"The answer of {server} is incomplete.", _REACH, dropped=True)
        case http.client.RemoteDisconnected():
            return UnreachableError(f"{server} closed the connection without an answer.", _REACH, dropped=True)
        case http.client.HTTPException():
            return UnreachableError(f"The server at {server} does not speak HTTP.", "Check the server's address and port.")
        case _:
            return UnreachableError(f"The connection to {server} broke: {_plain(error)}.", _REACH, dropped=True)


def _tls(error: Exception, kubeconfig: Kubeconfig) -> UnreachableError:
    server, insecure_hint = kubeconfig.cluster.server, "--insecure-skip-tls-verify accepts it without a check"
    cause = error.args[0] if error.args and isinstance(error.args[0], ssl.SSLError) else error
    if isinstance(cause, ssl.SSLEOFError):
        return UnreachableError(f"The connection to {server} broke during the TLS handshake.", _REACH, dropped=True)
    if isinstance(cause, ssl.SSLCertVerificationError):
        if cause.verify_code == _EXPIRED:
            return UnreachableError(f"The certificate of {server} has expired.", f"Renew it on the cluster; {insecure_hint}.")
        if cause.verify_code == _NOT_YET_VALID:
            return UnreachableError(f"The certificate of {server} is not valid yet.", "Check the clocks of this machine and the cluster.")
        if cause.verify_code in _UNKNOWN_AUTHORITY:
            return UnreachableError(
                f"The certificate of {server} is signed by an authority that this kubeconfig does not trust.",
                f"Fetch the cluster's kubeconfig again or give --certificate-authority; {insecure_hint}.",
            )
        if cause.verify_code in _OTHER_NAME:
            name = kubeconfig.cluster.tls_server_name or urlsplit(server).hostname
            return UnreachableError(
                f"The certificate of {server} is not valid for '{name}'.",
                "Correct the server's address, or name a host of the certificate with --tls-server-name.",
            )
        return UnreachableError(f"The certificate of {server} is not accepted: {cause.verify_message}.", f"Renew it; {insecure_hint}.")
    reason = _reason(cause)
    if "alert" in reason and "certificate" in reason:
        return UnreachableError(f"The API server {server} refuses the client certificate: {reason}.", "Log in again to get a new one.")
    if reason in {"wrong version number", "http request", "record layer failure", "packet length too long"}:
        return UnreachableError(f"The server at {server} does not speak TLS.", "Check the port, or write http:// if it is a proxy.")
    return UnreachableError(f"The TLS handshake with {server} failed: {reason or _plain(cause)}.", _REACH)


def _reason(error: Exception) -> str:
    """OpenSSL's own words; "" where an error does not come from it."""
    return str(getattr(error, "reason", None) or "").replace("_", " ").lower()


def _plain(error: BaseException) -> str:
    """The system's own words; Python puts the line of its C code behind them, and the number in front."""
    cause = error
    while not isinstance(cause, OSError) and (deeper := cause.__cause__ or cause.__context__):
        cause = deeper
    if isinstance(cause, ssl.SSLError) and (reason := _reason(cause)):  # its number is OpenSSL's, and may be one of the system's too
        return f"TLS: {reason}"
    if isinstance(cause, OSError) and cause.strerror and (cause.errno in errno.errorcode or isinstance(cause, socket.gaierror)):
        return cause.strerror[0].lower() + cause.strerror[1:]
    words = re.sub(r"\(_ssl\.c:\d+\)?|\[[^\[\]]*\] ?", "", str(error)).rstrip("'\" .)")
    return words.rpartition(": ")[2].strip("'\" .()[]") or type(error).__name__
