"""Whom a connection trusts where the kubeconfig names no authority."""

import shutil
import subprocess
from pathlib import Path

import pytest

from kubectl_meshfix.sources.api import tls
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An OpenSSL that was built for another system: nothing is where it looks."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cert.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere/certs")


def trusted() -> int:
    """How many authorities a connection trusts that was told nothing."""
    return len(tls.tls_context(Cluster(server="https://it"), b"", b"").get_ca_certs())


def test_an_openssl_of_another_system_finds_this_ones_authorities(elsewhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first bundle that is there is taken, as Go does."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key.pem"))
    subprocess.run(["openssl", "req", "-x509", *key, "-subj", "/CN=ca", "-out", str(tmp_path / "ca.pem")], check=True, capture_output=True)
    monkeypatch.setattr(tls, "_BUNDLES", (str(tmp_path / "missing.pem"), str(tmp_path / "ca.pem")))

    assert trusted() == 1


def test_a_system_without_authorities_gets_mozillas(elsewhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to be found at all: an API server behind a public certificate still works."""
    monkeypatch.setattr(tls, "_BUNDLES", ())

    assert trusted() > 50
