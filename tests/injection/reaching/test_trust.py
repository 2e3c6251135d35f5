"""Whether the API server trusts an istiod: by the caBundle, by the time, and by the mesh's root."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Outcome, Step
from kubectl_meshfix.injection.apiserver.webhook import Candidate
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.reaching.trust import check_trust, differs
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import config_map, decoded
from tests.injection.reaching.certificates import EXPIRED, LEAF, NAMELESS, OTHER_ROOT, ROOT
from tests.injection.scenes import NOW, encoded, hooks

OF_MESH, OTHER = "O=cluster.local", "O=other.example"


def candidate(ca_bundle: str, **client: Any) -> Candidate:
    """A webhook with a caBundle as it is written."""
    raw = json.loads(msgspec.json.encode(hooks()))
    own = {**raw["webhooks"][0]["clientConfig"], "caBundle": ca_bundle}
    raw["webhooks"] = [{**raw["webhooks"][0], "clientConfig": {**own, **client}}]
    found = decoded(raw)
    assert isinstance(found, MutatingWebhookConfiguration)
    return Candidate(found, found.webhooks[0])


def root(pem: str) -> Object:
    """The ConfigMap with the mesh's root."""
    return config_map("istio-ca-root-cert", **{"root-cert.pem": pem})


def trusted(pem: str, *objects: Object, taken_at: str | None = NOW) -> Step:
    """What is said of a caBundle beside these objects."""
    return check_trust(Mesh(objects, live=True, taken_at=taken_at), candidate(encoded(pem)))


@pytest.mark.parametrize(
    ("pem", "taken_at", "outcome", "authority"),
    [
        (ROOT, NOW, checks.MESH_ROOT, None),
        (ROOT + EXPIRED, NOW, checks.MESH_ROOT, None),
        (EXPIRED + ROOT, NOW, checks.MESH_ROOT, None),
        (ROOT + NAMELESS, NOW, checks.MESH_ROOT, None),
        (EXPIRED, NOW, checks.EXPIRED, "cluster.local"),
        (EXPIRED, None, checks.ANOTHER_ROOT, None),
        (NAMELESS, NOW, checks.NOT_YET, "without a name"),
        (NAMELESS, None, checks.ANOTHER_ROOT, None),
        (EXPIRED + NAMELESS, NOW, checks.ANOTHER_ROOT, None),
        (OTHER_ROOT, NOW, checks.ANOTHER_ROOT, None),
        (LEAF, NOW, checks.ANOTHER_ROOT, None),
        (LEAF + ROOT, NOW, checks.MESH_ROOT, None),
    ],
)
def test_a_bundle_is_over_with_its_last_certificate(pem: str, taken_at: str | None, outcome: Outcome, authority: str | None) -> None:
    """One authority that is valid is enough; one that is none has no time that counts, and without a time nothing is over."""
    found = trusted(pem, root(ROOT), taken_at=taken_at)

    assert (found.outcome, found.args.get("authority")) == (outcome, authority)


@pytest.mark.parametrize(
    ("objects", "outcome"),
    [
        ((root(OTHER_ROOT),), checks.MESH_ROOT),
        ((root(ROOT + OTHER_ROOT),), checks.MESH_ROOT),
        ((root(ROOT),), checks.ANOTHER_ROOT),
        ((root(""),), checks.VALID),
        ((root("no certificate"),), checks.VALID),
        ((config_map("istio-ca-root-cert"),), checks.VALID),
        ((config_map("istio-ca-root-cert", "shop", **{"root-cert.pem": ROOT}),), checks.VALID),
        ((), checks.VALID),
    ],
)
def test_it_is_held_against_the_root_beside_the_injector(objects: tuple[Object, ...], outcome: Outcome) -> None:
    """One certificate in common is enough; where there is nothing to compare with, it is taken to be right."""
    assert trusted(OTHER_ROOT, *objects).outcome is outcome


@pytest.mark.parametrize(
    ("ca_bundle", "problem"),
    [
        ("no base64", "it is not base64-encoded PEM"),
        (encoded("ä"), "it is not base64-encoded PEM"),
        (encoded("no certificate"), "nothing in it can be read as PEM"),
    ],
)
def test_why_a_bundle_is_none(ca_bundle: str, problem: str) -> None:
    """What is wrong with its text."""
    found = check_trust(Mesh([root(ROOT)], live=True, taken_at=NOW), candidate(ca_bundle))

    assert (found.outcome, found.args["problem"]) == (checks.NOT_A_CERTIFICATE, problem)


def test_an_address_has_no_root_beside_it() -> None:
    """A webhook that calls a URL is trusted by its own bundle, or by the public authorities."""
    snapshot = Mesh([root(ROOT)], live=True, taken_at=NOW)
    client = {"service": None, "url": "https://istiod.example.com"}

    assert check_trust(snapshot, candidate(encoded(OTHER_ROOT), **client)).outcome is checks.VALID
    assert check_trust(snapshot, candidate("", **client)).outcome is checks.PUBLIC_ROOTS


@pytest.mark.parametrize(
    ("ca_bundle", "objects", "outcome"),
    [
        (encoded(OTHER_ROOT), (root(ROOT),), checks.ANOTHER_ROOT),
        (encoded(ROOT), (root(ROOT),), None),
        (encoded(OTHER_ROOT), (), None),
        ("no base64", (root(ROOT),), None),
        (encoded("no certificate"), (root(ROOT),), None),
        ("", (root(ROOT),), None),
        ("", (), None),
    ],
)
def test_files_tell_another_root_alone(ca_bundle: str, objects: tuple[Object, ...], outcome: Outcome | None) -> None:
    """A bundle that is not filled in, or not well, may be so on purpose in files: istiod writes it."""
    found = differs(Mesh(objects), candidate(ca_bundle))

    assert (found.outcome if found else None) is outcome
    assert found is None or found.args["root"] == "ConfigMap istio-system/istio-ca-root-cert"
