"""A bundle shows the same findings as what it was made of, and says nothing of whom it was made for."""

import re
from collections import Counter

import pytest
import yaml

from kubectl_meshfix import engine
from kubectl_meshfix.cli.work.bundling import smallest
from kubectl_meshfix.redaction import bundle
from kubectl_meshfix.redaction.disguise import Disguise
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.pages import ALL, FILE, Example

LOST = {
    "MF001-bad-a label that is a boolean": "an object that cannot be read is in no bundle",
    "MF001-bad-a number that is a string": "an object that cannot be read is in no bundle",
    "MF313-bad-a label": "a slip is seen in its letters, and these are replaced",
    "MF507-bad-a slip in the name": "a slip is seen in its letters, and these are replaced",
    "MF610-bad-a service account that no pod uses": "a slip is seen in its letters, and these are replaced",
    "MF421-bad-two policies": "of two of one age the first by name holds, and names are replaced",
    "MF905-bad-it ends in three weeks": "it is about a certificate, whose text is replaced",
    "MF509-bad": "it is about a Secret's keys",
    "MF510-bad": "it is about a Secret's content",
}
"""Examples whose finding cannot be seen in a bundle, which says so of itself."""

DISGUISE = Disguise(key=b"tests")
BAD = [example for example in ALL if example.what == "bad" and not example.is_settings]

OWNED = """\
apiVersion: v1
kind: Namespace
metadata: {name: acmebank, labels: {istio-injection: enabled, acmebank.example/team: vaultcrew}}
---
apiVersion: v1
kind: Service
metadata: {name: vaultcrew, namespace: acmebank, annotations: {acmebank.example/owner: "Jane Roe <jane@acmebank.example>"}}
spec:
  externalName: db.acmebank.example
  externalIPs: [203.0.114.9]
  selector: {app: vaultcrew}
  ports: [{name: fax, port: 8080}]
---
apiVersion: v1
kind: Secret
metadata: {name: vaultkey, namespace: acmebank}
stringData: {password: hunterzwei}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: vaultcrew, namespace: acmebank}
spec:
  selector: {matchLabels: {app: vaultcrew}}
  template:
    metadata: {labels: {app: vaultcrew}}
    spec:
      containers:
      - name: vaultcrew
        image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/vaultcrew:1.2
        args: [--dsn=postgres://jane:hunterzwei@db.acmebank.example/ledgerbook]
        env: [{name: DB_PASSWORD, value: secret}, {name: PIN, value: "4711"}]
"""
OWNERS = re.compile(r"acmebank|vaultcrew|vaultkey|jane|roe|hunterzwei|ledgerbook|123456789012|203\.0|4711|value: secret", re.IGNORECASE)


def bundled(texts: dict[str, str]) -> tuple[bundle.Marks, bundle.Marks, str]:
    """The findings of manifests as their bundle names them, those of the bundle, and its objects."""
    snapshot, _ = from_texts(texts)
    rows = engine.diagnose(snapshot, RULES).active
    text, again = smallest(snapshot.meshes, rows, DISGUISE)
    return bundle.marks(rows, DISGUISE), again, text


@pytest.mark.parametrize("example", BAD, ids=str)
def test_the_same_is_found_in_a_bundle(example: Example) -> None:
    """Whoever gets the bundle of a rule's example finds what the example's owner found, at the same object."""
    wanted, again, _ = bundled({FILE: example.text, **example.beside})

    assert (wanted <= again) == (str(example) not in LOST)


def test_nothing_in_it_says_whose_it_is() -> None:
    """Names, owners, addresses, accounts, arguments and values of the environment are gone, and so are Secrets."""
    _, _, text = bundled({"a.yaml": OWNED})

    assert not OWNERS.search(text)
    assert {document["kind"] for document in yaml.safe_load_all(text)} == {"Namespace", "Service", "Deployment"}


def test_objects_that_no_finding_needs_stay_out() -> None:
    """Of other namespaces nothing is handed over, and of the pods of one owner one."""
    owner = "{kind: ReplicaSet, name: web, controller: true}"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web-%s, namespace: acmebank, ownerReferences: [" + owner + "]}\n"
    other = "apiVersion: v1\nkind: Service\nmetadata: {name: elsewhere, namespace: other}\nspec: {ports: [{name: http, port: 80}]}\n"
    snapshot, _ = from_texts({"a.yaml": OWNED, "b.yaml": other, **{f"{number}.yaml": pod % number for number in range(3)}})
    rows = [row for row in engine.diagnose(snapshot, RULES).active if row.resource.kind == "Service"]

    chosen = Counter((obj.kind, obj.namespace) for obj in bundle.needed(snapshot.meshes, rows, bundle.Reach.NEAR))

    assert chosen == {
        ("Namespace", ""): 1,
        **{(kind, "acmebank"): 1 for kind in ("Service", "Deployment", "Pod")},
    }


def test_it_says_what_is_to_be_found_in_it() -> None:
    """Above the objects stand the findings, and which of them cannot be found again."""
    wanted = bundle.Marks({("MF101", "Service a/b"): 1, ("MF102", "Service a/c"): 1})
    text = bundle.headed("kind: Service\n", wanted, bundle.Marks({("MF101", "Service a/b"): 1}))

    assert "# MF101 Service a/b\n# MF102 Service a/c   (not found in this bundle)\n---\n" in text
    assert yaml.safe_load(text) == {"kind": "Service"}
