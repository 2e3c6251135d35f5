"""Which proxy leads to an API server."""

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.http_proxy import proxy_for
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster


@pytest.mark.parametrize(
    ("server", "environ", "proxy"),
    [
        ("https://api.test", {}, ""),
        ("https://api.test", {"HTTPS_PROXY": "p:1"}, "http://p:1"),
        ("https://api.test", {"HTTP_PROXY": "http://p:1"}, ""),
        ("http://api.test", {"http_proxy": "https://p:1"}, "https://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "socks5://p:1"}, "socks5h://p:1"),
        ("https://localhost:6443", {"HTTPS_PROXY": "http://p:1"}, ""),
        ("https://127.1.2.3", {"HTTPS_PROXY": "http://p:1"}, ""),
        ("https://[::1]", {"HTTPS_PROXY": "http://p:1"}, ""),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, ""),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other, API.test"}, ""),
        ("https://a.api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.test"}, ""),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".api.test"}, "http://p:1"),
        ("https://a.api.test", {"HTTPS_PROXY": "http://p:1", "no_proxy": "*.api.test"}, ""),
        ("https://xapi.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.test"}, "http://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.test:6443"}, "http://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.test:443"}, ""),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, ""),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/33,10.1.2.4"}, "http://p:1"),
        ("https://11.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "http://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "http://p:1"),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "2.3"}, "http://p:1"),
        ("https://a.10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.1.2.3"}, "http://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.test:https"}, "http://p:1"),
        ("https://api.443:8443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "443"}, ""),
        ("http://api.test", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "api.test:80"}, ""),
        ("https://api.test.", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.test"}, ""),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "http://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "", "https_proxy": "http://q:2"}, "http://q:2"),
        ("https://api.test", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other", "no_proxy": "api.test"}, "http://p:1"),
        ("https://api.test", {"HTTPS_PROXY": "socks5h://p:1"}, "socks5h://p:1"),
        ("https://[fd00::1]:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "[fd00::1]:6443"}, ""),
        ("https://[fd00::1]:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "fd00::1"}, ""),
    ],
)
def test_the_environments_proxy_is_chosen_as_go_chooses_it(server: str, environ: dict[str, str], proxy: str) -> None:
    """Scheme, upper case first, loopback never, and every form of a NO_PROXY entry."""
    assert proxy_for(Cluster(server=server), environ) == proxy


@pytest.mark.parametrize(
    "proxy", ["ftp://p:1", "http://", "http://:1", "http://p:0", "http://p:port", "socks4://p:1", "p:0", "http://[::1"]
)
def test_what_is_no_proxy_is_refused(proxy: str) -> None:
    """Each lacks one thing: a scheme that is known, a host, a port that can be. Where it stands is told, and what it says is not."""
    with pytest.raises(SourceError) as environment:
        proxy_for(Cluster(server="https://api.test"), {"HTTPS_PROXY": proxy})
    with pytest.raises(SourceError) as kubeconfig:
        proxy_for(Cluster(server="https://api.test", proxy_url=proxy), {})

    assert environment.value.message == "The proxy in the environment is not the URL of a proxy."
    assert kubeconfig.value.message == "The proxy-url in the kubeconfig is not the URL of a proxy."


def test_the_kubeconfigs_proxy_is_used_in_any_case() -> None:
    """No variable changes it, nor do loopback addresses."""
    cluster = Cluster(server="https://127.0.0.1", proxy_url="http://p:1")

    assert proxy_for(cluster, {"HTTPS_PROXY": "http://q:2", "NO_PROXY": "*"}) == "http://p:1"
