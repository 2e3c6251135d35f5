"""The way in from inside a pod: the service account that the kubelet mounts.

Mirrors client-go ``rest/config.go`` (InClusterConfig) and ``tools/clientcmd/client_config.go`` (inClusterClientConfig).
"""

from collections.abc import Mapping
from pathlib import Path

from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, User

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def in_pod(environ: Mapping[str, str], service_account: Path) -> bool:
    """Is there an API server's address in the environment and a token on disk?"""
    address = environ.get("KUBERNETES_SERVICE_HOST") and environ.get("KUBERNETES_SERVICE_PORT")
    return bool(address) and (service_account / "token").is_file()


def service_account_entries(environ: Mapping[str, str], service_account: Path) -> tuple[Cluster, User]:
    """The kubeconfig entries that stand for the mounted service account."""
    host = environ["KUBERNETES_SERVICE_HOST"]
    host = f"[{host}]" if ":" in host else host
    authority = service_account / "ca.crt"
    cluster = Cluster(
        server=f"https://{host}:{environ['KUBERNETES_SERVICE_PORT']}",
        certificate_authority=str(authority) if authority.exists() else "",
    )
    return cluster, User(token_file=str(service_account / "token"))


def own_namespace(environ: Mapping[str, str], service_account: Path) -> str:
    """The pod's namespace: $POD_NAMESPACE, else the mounted file, else ""."""
    mounted = service_account / "namespace"
    return environ.get("POD_NAMESPACE", "") or (mounted.read_text().strip() if mounted.is_file() else "")
