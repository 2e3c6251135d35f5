"""Objects as they are written, beside what is read of them."""

from types import SimpleNamespace
from typing import cast

import msgspec

from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.overlay import laid_over
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_policy import PeerAuthentication
from kubectl_meshfix.resources.written import Packed, may_hold_nulls, packed, written
from kubectl_meshfix.rules.input import invalid_field, refused_by_istiod
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.decode import decode
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.object_lists import list_objects

WRONG = """\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}}
"""

LISTED = {"metadata": {"name": "default", "namespace": "shop"}, "spec": {"portLevelMtls": {"80": {"mode": "NEW"}}, "later": 1}}


def listed(kind: kinds.Kind, item: object) -> Mesh:
    """A cluster with one object, as an API server lists it."""
    body = msgspec.json.encode({"kind": "List", "metadata": {}, "items": [item]})
    connection = cast("Connection", SimpleNamespace(server="https://lab", get=lambda *_, **__: Response(200, {}, body)))
    objects, problems = list_objects(connection, kind, kind.versions[0], None, lambda *_: None)
    return Mesh(objects, live=True, problems=problems)


def test_what_a_cluster_has_is_kept_for_some_kinds() -> None:
    """Of an Istio object every field of the spec is there, also one that no check reads; of others nothing is kept."""
    (policy,) = listed(kinds.PEER_AUTHENTICATION, LISTED).all(PeerAuthentication)
    (service,) = listed(kinds.SERVICE, {"metadata": {"name": "a", "namespace": "b"}, "spec": {"zzz": 1}}).all(Service)

    assert (written(policy) or {})["spec"] == LISTED["spec"]
    assert (written(policy) or {})["kind"] == "PeerAuthentication"
    assert service.written is None
    assert written(service) is None


def test_what_a_file_says_is_kept_in_little_memory() -> None:
    """Every kind of value comes back as it was; what aliases repeat very often is not spelt out."""
    value = {"a": [None, True, 1, 2**64 - 1, -(2**63), 1.0, float("inf"), "é"], "b": {"c": {}}}
    repeated = {"a": [["x" * 1000] * 10] * 10}
    policy = PeerAuthentication(written=packed(value))

    assert isinstance(policy.written, Packed)
    assert repr(written(policy)) == repr(value)
    assert packed(repeated) is repeated


def test_a_live_object_fits_the_schema_of_its_cluster() -> None:
    """Its fields may be newer than the tables. istiod's checks are made where its values are of known types."""
    newer = listed(kinds.PEER_AUTHENTICATION, LISTED)
    known = listed(kinds.PEER_AUTHENTICATION, {**LISTED, "spec": {"portLevelMtls": {"80": {}}, "later": 1}})

    assert list(invalid_field.check(newer)) == list(invalid_field.check(known)) == []
    assert list(refused_by_istiod.check(newer)) == []
    (found,) = refused_by_istiod.check(known)
    assert found.message.endswith("Istio uses the modes of ports only for the workloads of a selector, and ignores these.")


def test_files_over_a_cluster_are_judged_as_files() -> None:
    """Of an object that both have, it is the file's that counts."""
    files = from_texts({"a.yaml": WRONG})[0].meshes

    (mesh,) = laid_over(Meshes(files), listed(kinds.PEER_AUTHENTICATION, {**LISTED, "spec": {}}))

    (found,) = refused_by_istiod.check(mesh)
    assert found.message == "portLevelMtls needs a selector with matchLabels. istiod refuses the object."


def test_a_changed_object_is_judged_as_it_is_now() -> None:
    """What a fix leaves is read again."""
    mesh = listed(kinds.PEER_AUTHENTICATION, {**LISTED, "spec": {"portLevelMtls": {"80": {}}}})
    after = decode({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", **LISTED, "spec": {}}, PeerAuthentication)

    assert isinstance(after, PeerAuthentication)
    assert list(refused_by_istiod.check(mesh.with_changed([after]))) == []


def test_a_packed_value_without_the_byte_of_null_has_no_null() -> None:
    """Nulls at any depth are told, and texts in other languages are no reason to look; what is not packed may hold some."""
    texts = {"kind": "PeerAuthentication", "spec": {"name": "Überprüfung À 検証", "list": [True, 1, -1, 2.5, {}]}}

    def told(value: object) -> bool:
        return may_hold_nulls(PeerAuthentication(written=packed(value)))

    assert not told(texts)
    assert told({**texts, "status": None})
    assert told({"spec": {"list": [{"deep": {"er": None}}]}})
    assert told({"port": 192})  # 0xCC 0xC0
    assert may_hold_nulls(PeerAuthentication(written=texts))
