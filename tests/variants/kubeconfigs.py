"""What small changes of two kubeconfigs come to, with flags on top; ``make docs`` writes ``kubeconfigs.txt``.

Each is one line or two: what was changed, which flags were given, and the cluster, the user and the namespace, or what is said against it.
"""

import os
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions, choose_cluster
from tests.variants.making import chosen, variant

FILE = Path(__file__).with_name("kubeconfigs.txt")
NUMBER = 300

CONFIG = """
current-context: blue
clusters:
- name: one
  cluster: {server: "https://one.example.com:6443", certificate-authority: ca.crt, tls-server-name: kubernetes}
- name: two
  cluster:
    server: https://two.example.com/prefix/
    certificate-authority-data: YWJj
    proxy-url: http://proxy.example.com:3128
    disable-compression: true
    extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: two}}]
- {name: three, cluster: {server: "http://127.0.0.1:8080", insecure-skip-tls-verify: true}}
users:
- {name: certified, user: {client-certificate: me.crt, client-key: me.key}}
- {name: inline, user: {client-certificate-data: YWJj, client-key-data: ZGVm}}
- {name: bearer, user: {token: abc, as: jane, as-uid: "7", as-groups: [dev], as-user-extra: {reason: [why, how]}}}
- {name: kept, user: {tokenFile: token, token: old}}
- {name: basic, user: {username: jane, password: secret}}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: bin/login
      args: [--cluster, two]
      env: [{name: STAGE, value: prod}]
      installHint: Install login.
      provideClusterInfo: true
      interactiveMode: Never
- {name: older, user: {auth-provider: {name: gcp, config: {access-token: abc, expiry: "2020-01-01T00:00:00Z"}}}}
contexts:
- {name: blue, context: {cluster: one, user: certified, namespace: shop}}
- {name: green, context: {cluster: two, user: inline}}
- {name: red, context: {cluster: three, user: bearer, namespace: web}}
- {name: grey, context: {cluster: two, user: kept}}
- {name: black, context: {cluster: one, user: basic}}
- {name: white, context: {cluster: two, user: plugin}}
- {name: brown, context: {cluster: one, user: older}}
"""

_CONTEXTS = ("", "green", "red", "grey", "black", "white", "brown", "bleu")
_FLAGS: Sequence[Mapping[str, Any]] = (
    {},
    {},
    {"namespace": "other"},
    {"namespace": "Other"},
    {"cluster": "two"},
    {"cluster": "tow"},
    {"user": "bearer"},
    {"user": "nobody"},
    {"server": "https://four.example.com"},
    {"server": "four.example.com:1", "token": "abc"},
    {"server": "ftp://four.example.com"},
    {"server": "https://jane:secret@four.example.com"},
    {"certificate_authority": "other.crt"},
    {"insecure_skip_tls_verify": True},
    {"tls_server_name": "other"},
    {"client_certificate": "other.crt", "client_key": "other.key"},
    {"client_certificate": "other.crt"},
    {"token": "def"},
    {"as_user": "bob"},
    {"as_groups": ("ops",)},
    {"as_uid": "8"},
    {"as_user": "bob", "as_user_extra": ("scope=x", "scope=y")},
    {"as_user": "bob", "as_user_extra": ("scope",)},
    {"request_timeout": "5s"},
    {"request_timeout": "0"},
    {"request_timeout": "soon"},
)


def lines(number: int) -> Iterator[str]:
    """What one change comes to."""
    rng = random.Random(f"kubeconfig {number}")
    made = variant([yaml.safe_load(CONFIG)], f"kubeconfig {number}")
    options = {"context": chosen(rng, _CONTEXTS), **chosen(rng, _FLAGS)}
    yield f"{number} {'; '.join(made.changes)}; {' '.join(f'{name}={value}' for name, value in options.items() if value)}"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("ca.crt", "me.crt", "me.key", "token"):
            Path(folder, name).write_text(name, "utf-8")
        path = Path(folder, "config")
        path.write_text(yaml.safe_dump(made.documents[0]), "utf-8")
        yield f"  {_told(path, options)}".replace(os.path.realpath(folder), "").replace(folder, "")


def _told(path: Path, options: Mapping[str, Any]) -> str:
    try:
        found = choose_cluster(ClusterOptions(**options), {"KUBECONFIG": str(path), "HOME": "/nowhere"}, Path("/nowhere"))
    except MeshfixError as error:
        return f"{type(error).__name__}: {' '.join(f'{error.message} {error.hint}'.split())}"
    return msgspec.json.encode(found).decode()


def text() -> str:
    """The whole file."""
    return "".join(f"{line}\n" for number in range(NUMBER) for line in lines(number))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
