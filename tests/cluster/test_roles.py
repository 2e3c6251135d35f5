"""The roles of docs/rbac.md: a user who has them and nothing else is refused nothing, and none of them grants what nobody asks for."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml

from docs.rights import ROLES
from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.port_protocols import references
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions
from kubectl_meshfix.sources.api.connection import Connection, connect
from kubectl_meshfix.sources.object_names import list_names
from kubectl_meshfix.sources.proxies import gathering, parties, questions
from tests.cluster.conftest import Lab
from tests.cluster.server import Server, assets, running
from tests.cluster.test_explain import until
from tests.cluster.test_loop import open_shop, run
from tests.rules.offers import FIXABLE
from tests.sources.proxies.stand_in import istiod_pod, proxied_pod

PAGE = Path(__file__).parents[2] / "docs" / "rbac.md"
RECORDINGS = Path(__file__).parents[1] / "recordings"

PATH = re.compile(
    r"/(?:api/v1|apis/(?P<group>[^/]+)/[^/]+)(?:/namespaces/[^/]+(?=/))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+)(?P<rest>/.*)?)?$"
)
REQUEST = re.compile(r"^    method: (\w+)\n    uri: .?https://cluster\.test([^?\s']+)", re.MULTILINE)
VERBS = {"POST": "create", "PATCH": "patch"}

Asked = tuple[str, str, str]
"""A verb, an API group and a resource."""


def asked(method: str, path: str) -> Asked | None:
    """What RBAC makes of a request (`apiserver pkg/endpoints/request/requestinfo.go`); None for discovery."""
    found = PATH.match(path)
    if not found:
        return None
    way = re.match(r"/(proxy|portforward)(?=/|$)", found["rest"] or "")
    resource = f"{found['plural']}{way[0]}" if way else found["plural"]
    return VERBS.get(method) or ("get" if found["name"] else "list"), found["group"] or "", resource


def granted(roles: Sequence[str]) -> set[Asked]:
    """What roles grant."""
    rights = [(right, kind) for name in roles for right in ROLES[name] for kind in right.kinds]
    return {(verb, kind.group, kind.plural) for right, kind in rights for verb in right.verbs}


def documents() -> list[dict[str, Any]]:
    """The manifests of the page."""
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)]


class Feature(NamedTuple):
    """A feature: its roles, commands that use it, verbs of its last role that it can spare, and a verb that is sure to be sent.

    Without such a verb the commands ask for all that the roles grant.
    """

    roles: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    spare: tuple[str, ...] = ()
    sends: str = ""


AMBIENT = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "lounge", "labels": {"istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint"}},
}
"""A namespace in ambient, whose waypoint is looked for."""
EXPLAINED = [kind.resource for kind in (*kinds.WORKLOADS, kinds.NAMESPACE, kinds.SERVICE)]
FIXES = ("--scope", "all", "--unsafe", "--restart")
FEATURES: Mapping[str, Feature] = {
    "diagnose": Feature(
        ("diagnose",),
        (("diagnose", "-A"), ("diagnose", "-n", "shop", "-o", "sarif"), ("diagnose", "-f", "examples/shop", "--context", "lab")),
    ),
    "explain": Feature(
        ("explain",),
        (
            *(("explain", kind, "-A") for kind in EXPLAINED),
            *(("explain", f"{kind}/nobody", "-n", "shop") for kind in EXPLAINED),
            ("explain", "deploy/cart-v2", "-n", "shop"),
            ("explain", "-f", "examples/shop/cart.yaml", "--context", "lab"),
        ),
    ),
    "trace": Feature(
        ("trace",),
        (
            ("trace", "deploy/cart-v2", "http://catalog.shop/", "-n", "shop"),
            ("trace", "--matrix", "deploy", "-n", "shop"),
            ("trace", "deploy/cart-v2", "http://catalog.shop/", "-f", "examples/shop", "-n", "shop", "--context", "lab"),
        ),
    ),
    "test": Feature(("explain", "trace"), (("test", "examples/expectations.yaml"),), sends="list"),
    "probe": Feature(("explain", "probe"), (("explain", "deploy/cart-v2", "-n", "shop", "--probe"),), sends="create"),
    "dry run": Feature(
        ("diagnose", "apply"),
        (
            ("apply", "-A", "--dry-run", *FIXES),
            ("apply", "-n", "shop", "-o", "kustomize", *FIXES),
            ("apply", "-n", "shop", "-o", "manifest", *FIXES),
            ("apply", "-n", "istio-system", "-o", "helm-values", *FIXES),
        ),
        spare=("patch",),
        sends="get",
    ),
    "dry run by the server": Feature(("diagnose", "apply"), (("apply", "-A", "--dry-run=server", *FIXES),), sends="patch"),
    "diagnose with renames": Feature(
        ("diagnose", "rename"), (("diagnose", "-A", "--port-fix", "rename"),), spare=("get", "patch"), sends="list"
    ),
    "apply": Feature(
        ("diagnose", "apply"),
        (
            ("apply", "-A", "--yes", "--wait", "--timeout", "1s", "--even-if-managed", *FIXES),
            ("undo", "--list"),
        ),
        sends="patch",
    ),
    "undo": Feature(("apply",), (("undo", "--yes", "--wait", "--timeout", "1s"),), sends="patch"),
    "apply with renames": Feature(
        ("diagnose", "apply", "rename"), (("apply", "-A", "--port-fix", "rename", "--select", "MF1", "--yes", *FIXES),), sends="patch"
    ),
    "undo of renames": Feature(("apply", "rename"), (("undo", "--yes"),), sends="patch"),
}


def test_every_recorded_request_has_a_role() -> None:
    """What any test was ever seen to ask a cluster for stands in one of the page's roles."""
    requests = set()
    for path in RECORDINGS.glob("*.yaml"):
        requests |= set(REQUEST.findall(path.read_text(encoding="utf-8")))

    found = {row for method, path in requests if (row := asked(method, path))}

    assert len(found) > 50
    assert found - granted(tuple(ROLES)) == set()


def test_whatever_a_fix_changes_may_be_changed() -> None:
    """Every kind that the rules' fixes patch is in the role of apply."""
    changed = {patch.resource for scene in FIXABLE for row in scene.findings if row.fix for patch in row.fix.patches}
    patched = {("patch", ref.group, kind.plural) for ref in changed if (kind := kinds.of(ref.api_version, ref.kind))}

    assert patched - granted(("apply",)) == set()
    assert {name for ref in changed if ref.kind == "ConfigMap" for name in [ref.name]} <= set(ROLES["apply"][1].names)


def test_names_that_a_rename_leads_to_may_be_changed() -> None:
    """Every kind that can refer to a port by its name is in the role of renames."""
    assert {("patch", kind.group, kind.plural) for kind in (*references.REFERRING, *references.BY_HAND)} <= granted(("rename",))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the shop and the page's roles, for all features one after the other."""
    binaries = assets()
    if binaries is None:
        pytest.skip("needs a kube-apiserver: KUBEBUILDER_ASSETS")
    with running(binaries, tmp_path_factory.mktemp("server")) as started:
        open_shop(started)
        started.kubectl("create", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": [*documents(), AMBIENT]}))
        yield started


class Watched(NamedTuple):
    """What was asked for, and what was refused."""

    requests: set[Asked]
    refusals: list[str]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Every request of the test's commands."""
    found = Watched(set(), [])
    request = Connection.request

    def noted(self: Connection, method: str, path: str, *rest: Any, **named: Any) -> Response:
        if row := asked(method, path):
            found.requests.add(row)
        try:
            return request(self, method, path, *rest, **named)
        except MeshfixError as error:
            if "cannot" in error.message and "forbidden" in error.message:
                found.refusals.append(error.message)
            raise

    upgrade = Connection.upgrade

    def noted_upgrade(self: Connection, path: str, *rest: Any) -> Any:
        if row := asked("GET", path):
            found.requests.add(row)
        try:
            return upgrade(self, path, *rest)
        except MeshfixError as error:
            if "cannot" in error.message and "forbidden" in error.message:
                found.refusals.append(error.message)
            raise

    monkeypatch.setattr(Connection, "request", noted)
    monkeypatch.setattr(Connection, "upgrade", noted_upgrade)
    return found


def bind(server: Server, user: str, feature: Feature) -> None:
    """Give a user the roles of a feature without what it can spare, and wait until the server has heard of it."""
    for role in feature.roles:
        name = f"meshfix-{role}"
        if feature.spare and role == feature.roles[-1]:
            document = json.loads(server.kubectl("get", "clusterrole", name, "-o", "json"))
            document["metadata"] = {"name": f"{name}-{user}"}
            document["rules"] = [
                {**rule, "verbs": [verb for verb in rule["verbs"] if verb not in feature.spare]}
                for rule in document["rules"]
                if set(rule["verbs"]) - set(feature.spare)
            ]
            server.kubectl("create", "-f", "-", text=json.dumps(document))
            name = f"{name}-{user}"
        server.kubectl("create", "clusterrolebinding", f"{user}-{role}", f"--clusterrole={name}", f"--user={user}")
        until(partial(_has, server, user, min(granted((role,)))[2]))


def _has(server: Server, user: str, resource: str) -> bool:
    """Whether the server knows that the user has a right on a resource."""
    return bool(re.search(rf"^{resource}[. ]", server.kubectl("auth", "can-i", "--list", "--as", user), re.MULTILINE))


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_needs_its_roles_and_no_more(
    name: str, server: Server, tmp_path: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a feature's roles alone is refused nothing that it asks for; what these roles grant is asked for."""
    feature, user = FEATURES[name], name.replace(" ", "-")
    monkeypatch.setenv("XDG_STATE_HOME", str(server.folder / "state"))
    bind(server, user, feature)

    for command in feature.commands:
        with suppress(MeshfixError):  # for a name that is not there
            run(Lab(tmp_path, server), *command, "--as", user)

    assert watched.refusals == []
    if feature.sends:
        assert feature.sends in {verb for verb, _, _ in watched.requests}
    else:
        assert watched.requests == granted(feature.roles)


def test_prometheus_is_reached_by_its_role(server: Server, tmp_path: Path, watched: Watched) -> None:
    """The API server leads whoever has the role to the Service, and nobody else."""
    asking = ("diagnose", "-A", "--prometheus", "istio-system/prometheus:9090", "--as", "scraper")
    bind(server, "scraper", Feature(("diagnose",), ()))

    refused = run(Lab(tmp_path, server), *asking)[2]
    server.kubectl("create", "rolebinding", "scraper", "-n", "istio-system", "--role=meshfix-prometheus", "--user=scraper")
    until(lambda: "prometheus:9090" in server.kubectl("auth", "can-i", "--list", "--as", "scraper", "-n", "istio-system"))
    watched.refusals.clear()
    said = run(Lab(tmp_path, server), *asking)[2]

    assert "forbidden" in refused
    assert "forbidden" not in said
    assert watched.refusals == []
    assert ("get", "", "services/proxy") in watched.requests


def test_names_are_completed_by_the_role_of_diagnose(server: Server, tmp_path: Path, watched: Watched) -> None:
    """Completion asks for no more than diagnose does."""
    bind(server, "typist", Feature(("diagnose",), ()))
    options = ClusterOptions(kubeconfig=Lab(tmp_path, server).kubeconfig(), as_user="typist")

    assert "shop" in list_names(connect(options), kinds.NAMESPACE, None)
    assert "cart-v2" in list_names(connect(options), kinds.DEPLOYMENT, "shop")
    assert watched.refusals == []


def running_pod(server: Server, name: str, namespace: str, document: dict[str, Any]) -> None:
    """Create a pod and say that it runs, where nobody listens: no node is needed for the API server to judge who may reach it."""
    server.kubectl("create", "-n", namespace, "-f", "-", text=json.dumps(document | {"status": {}}))
    status = {"phase": "Running", "podIP": "192.0.2.1", "podIPs": [{"ip": "192.0.2.1"}], "conditions": document["status"]["conditions"]}
    server.kubectl("patch", "pod", name, "-n", namespace, "--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))


def test_proxies_are_reached_by_their_role(server: Server, tmp_path: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the role is refused nothing; without it, or without one of its verbs, the report says what was not allowed."""
    quick = [msgspec.structs.replace(found, seconds=0.5) for found in (questions.METRICS, questions.SYNC)]
    monkeypatch.setattr(gathering, "METRICS", quick[0])
    monkeypatch.setattr(gathering, "SYNC", quick[1])
    monkeypatch.setattr(parties, "AGENT_STATISTICS", msgspec.structs.replace(questions.AGENT_STATISTICS, seconds=0.5))
    running_pod(server, "istiod-1", "istio-system", istiod_pod())
    running_pod(server, "asked", "default", proxied_pod("asked", "default"))
    asking = ("diagnose", "-A", "--proxies", "--no-secrets", "-o", "json", "--as", "asker")
    bind(server, "asker", Feature(("diagnose",), ()))

    def reasons() -> set[str]:
        watched.refusals.clear()
        missing = json.loads(run(Lab(tmp_path, server), *asking)[1])["asked"]["missing"]
        return {gap["reason"] for gap in missing if "not allowed" in gap["reason"]}

    alone = reasons()
    server.kubectl("create", "clusterrole", "half", "--verb=get", "--resource=pods/proxy,pods/portforward")
    server.kubectl("create", "clusterrolebinding", "half", "--clusterrole=half", "--user=asker")
    until(lambda: _has(server, "asker", "pods/proxy"))
    half = reasons()
    server.kubectl("create", "clusterrolebinding", "asker-proxies", "--clusterrole=meshfix-proxies", "--user=asker")
    until(
        lambda: (
            "create"
            in next(line for line in server.kubectl("auth", "can-i", "--list", "--as", "asker").splitlines() if "portforward" in line)
        )
    )
    whole = reasons()

    assert alone == {
        "not allowed to get pods/proxy in namespace istio-system",
        "not allowed to get pods/portforward in namespace istio-system",
        "not allowed to get pods/proxy in namespace default",
    }
    assert half == {"not allowed to create pods/portforward in namespace istio-system"}
    assert (whole, watched.refusals) == (set(), [])
    assert {row for row in watched.requests if "/" in row[2]} == {("get", "", "pods/proxy"), ("get", "", "pods/portforward")}
    assert "secrets" not in {resource for _, _, resource in watched.requests}
