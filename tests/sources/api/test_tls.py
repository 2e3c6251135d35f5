"""Whom a connection trusts where the kubeconfig names no authority."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api import tls
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster


def issue(path: str) -> None:
    """An authority's certificate."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{path}.key")
    subprocess.run(["openssl", "req", "-x509", *key, "-subj", f"/CN={Path(path).stem}", "-out", path], check=True, capture_output=True)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An OpenSSL that was built for another system: nothing is where it looks."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cert.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere/certs")


def trusted() -> int:
    """How many authorities a connection trusts that was told nothing."""
    return len(tls.tls_context(Cluster(server="https://it"), b"", b"").get_ca_certs())


@pytest.fixture
def bundle(elsewhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of this system's authorities, of which there is one."""
    path = str(tmp_path / "ca.pem")
    issue(path)
    monkeypatch.setattr(tls, "_BUNDLES", (str(tmp_path / "missing.pem"), path))
    return path


def test_an_openssl_of_another_system_finds_this_ones_authorities(bundle: str) -> None:
    """The first bundle that is there is taken, as Go does."""
    assert trusted() == 1


def test_where_openssl_looks_comes_first(bundle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of authorities there, or a folder with some, is all that is trusted; an empty folder is none."""
    folder = tmp_path / "certs"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    assert trusted() == 1
    (folder / "looked-up-when-needed").touch()
    assert trusted() == 0
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere/certs")
    issue(str(tmp_path / "own.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert trusted() == 1


def test_a_name_that_only_the_subject_has_is_none(tmp_path: Path) -> None:
    """As for Go, the alternative names alone count."""
    context = tls.tls_context(Cluster(server="https://it"), b"", b"")

    assert context.hostname_checks_common_name is False
    assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
    assert not context.verify_flags & getattr(ssl, "VERIFY_X509_STRICT", 0)


def test_an_authority_in_the_kubeconfig_comes_before_a_file(tmp_path: Path) -> None:
    """What is written there is taken, else what the file holds, else none."""
    path = tmp_path / "ca.pem"
    path.write_bytes(b"file")

    assert tls.authority(Cluster(certificate_authority_data=b"data", certificate_authority=str(path))) == b"data"
    assert tls.authority(Cluster(certificate_authority=str(path))) == b"file"
    assert tls.authority(Cluster()) == b""


@pytest.mark.parametrize("is_file", [True, False])
def test_an_authority_that_is_none_is_told_by_its_place(tmp_path: Path, is_file: bool) -> None:
    """The file, or the field of the kubeconfig."""
    path = tmp_path / "ca.pem"
    path.write_bytes(b"no PEM")
    cluster = Cluster(certificate_authority=str(path)) if is_file else Cluster(certificate_authority_data=b"no PEM")

    with pytest.raises(SourceError) as caught:
        tls.tls_context(cluster, b"", b"")
    place = str(path) if is_file else "in certificate-authority-data"
    assert caught.value.message == f"The certificate authority {place} is not a PEM certificate."


def test_a_system_without_authorities_gets_mozillas(elsewhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to be found at all: an API server behind a public certificate still works."""
    monkeypatch.setattr(tls, "_BUNDLES", ())

    assert trusted() > 50


def test_words_around_an_authority_may_be_in_any_script(tmp_path: Path) -> None:
    """Bundles have comments."""
    path = tmp_path / "ca.pem"
    issue(str(path))
    cluster = Cluster(certificate_authority_data="# Autorité\n".encode() + path.read_bytes())

    assert len(tls.tls_context(cluster, b"", b"").get_ca_certs()) == 1
