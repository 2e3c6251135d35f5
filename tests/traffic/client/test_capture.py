"""The rules of iptables decide, in their order, whether a connection enters the sidecar."""

import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.client.capture import captured, runs_as
from kubectl_meshfix.traffic.terms.parties import Plane
from tests.traffic.client.scenes import address, caller, cart, cluster, files, mesh_config, request, service, sidecar, taken, values

OUT = "traffic.sidecar.istio.io"
CATALOG = service("catalog", extra=", clusterIP: 10.96.0.5")


def with_annotations(text: str, *others: str, catalog: str = CATALOG) -> Mesh:
    """The caller with annotations."""
    return files(catalog, cart(annotations=text), *others)


@pytest.mark.parametrize(
    ("annotations", "is_taken"),
    [
        ("", True),
        (f"{OUT}/excludeOutboundPorts: '80'", False),
        (f"{OUT}/excludeOutboundPorts: '8080, 80'", False),
        (f"{OUT}/excludeOutboundPorts: '8080'", True),
        (f"{OUT}/excludeOutboundIPRanges: 10.96.0.0/12", False),
        (f"{OUT}/excludeOutboundIPRanges: 10.0.0.0/16", True),
        (f"{OUT}/includeOutboundIPRanges: ''", False),
        (f"{OUT}/includeOutboundIPRanges: 10.96.0.0/12", True),
        (f"{OUT}/includeOutboundIPRanges: 1.2.3.0/24", False),
        (f"{OUT}/includeOutboundIPRanges: 1.2.3.0/24, {OUT}/includeOutboundPorts: '80'", True),
        (f"{OUT}/includeOutboundIPRanges: '', {OUT}/includeOutboundPorts: '80'", True),
        (f"{OUT}/includeOutboundPorts: '80', {OUT}/excludeOutboundPorts: '80'", False),
        (f"{OUT}/includeOutboundPorts: '80', {OUT}/excludeOutboundIPRanges: 10.96.0.5/32", False),
        ("sidecar.istio.io/interceptionMode: NONE", False),
        ("sidecar.istio.io/interceptionMode: TPROXY", True),
        ("proxy.istio.io/config: 'interceptionMode: NONE'", False),
        (f"{OUT}/excludeInterfaces: eth0", False),
        (f"{OUT}/excludeInterfaces: net1", True),
    ],
)
def test_annotations_of_the_pod_decide(annotations: str, is_taken: bool) -> None:
    """What is excluded beats what is included, a port that is included beats the ranges, and an empty list of ranges includes nothing."""
    assert taken(with_annotations(annotations)).value is is_taken


def test_the_injectors_values_count_where_the_pod_says_nothing() -> None:
    """An annotation counts even where it is empty."""
    excluding = values('{"excludeOutboundPorts": "80"}')

    assert taken(with_annotations("", excluding)).value is False
    assert taken(with_annotations(f"{OUT}/excludeOutboundPorts: ''", excluding)).value is True
    assert taken(with_annotations("", values('{"includeIPRanges": "10.96.0.0/12"}'))).value is True
    including = values('{"includeIPRanges": "1.2.3.0/24", "includeOutboundPorts": "80"}')
    assert taken(with_annotations("", including)).value is True


def test_ranges_decide_nothing_about_an_address_that_is_not_known() -> None:
    """Files seldom hold the address of a Service."""
    catalog = service("catalog")
    told_of = taken(with_annotations(f"{OUT}/excludeOutboundIPRanges: 10.96.0.0/12", catalog=catalog))

    assert isinstance(told_of.value, Unknown)
    assert told_of.steps[-1].unknown == told_of.value
    assert (
        taken(with_annotations(f"{OUT}/excludeOutboundPorts: '80', {OUT}/excludeOutboundIPRanges: 10.0.0.0/8", catalog=catalog)).value
        is False
    )


@pytest.mark.parametrize(
    ("spec", "is_taken"),
    [
        ("securityContext: {runAsUser: 1337}, containers: [{name: cart}]", False),
        ("containers: [{name: cart, securityContext: {runAsUser: 1337}}]", False),
        ("securityContext: {runAsUser: 1337}, containers: [{name: cart, securityContext: {runAsUser: 1000}}]", True),
        ("containers: [{name: cart, securityContext: {runAsGroup: 1337}}]", False),
        ("securityContext: {fsGroup: 1337}, containers: [{name: cart}]", True),
        ("containers: [{name: cart}, {name: agent, securityContext: {runAsUser: 1337}}]", True),
    ],
)
def test_the_proxys_own_user_and_group_are_exempt(spec: str, is_taken: bool) -> None:
    """It is the primary group and the user of the container that calls."""
    assert taken(files(CATALOG, cart(spec=spec))).value is is_taken


def test_on_openshift_the_proxys_user_is_the_last_of_the_namespaces_range() -> None:
    """1337 is then an ordinary user."""
    space = "kind: Namespace\nmetadata: {name: web, annotations: {openshift.io/sa.scc.uid-range: 1000/100}}\n"
    platform = values("{}").replace('{"global": {', '{"global": {"platform": "openshift", ')
    last, common = (cart(spec=f"containers: [{{name: cart, securityContext: {{runAsUser: {user}}}}}]") for user in (1099, 1337))

    assert taken(files(CATALOG, space, platform, last)).value is False
    assert taken(files(CATALOG, space, platform, common)).value is True


def test_a_pods_calls_to_itself_stay_in_the_pod() -> None:
    """To its loopback address and to its own, but for a list of ranges that names a loopback address."""
    assert taken(files(cart()), "127.0.0.1").value is False
    pod = """
kind: Pod
metadata: {name: cart, namespace: web, labels: {app: cart}}
spec: {containers: [{name: cart}, {name: istio-proxy, image: proxyv2}]}
status: {podIP: 10.1.0.9, phase: Running}
"""
    assert taken(cluster(pod), "10.1.0.9", 8080).value is False


def test_groups_may_be_chosen_by_the_proxys_metadata() -> None:
    """With a list of groups nobody else is redirected; a group that the image gives is not known."""
    owners = mesh_config('defaultConfig: {proxyMetadata: {ISTIO_OUTBOUND_OWNER_GROUPS: "500"}}')
    member, other = (cart(spec=f"containers: [{{name: cart, securityContext: {{runAsGroup: {group}}}}}]") for group in (500, 600))

    assert taken(files(CATALOG, owners, member)).value is True
    assert taken(files(CATALOG, owners, other)).value is False
    assert isinstance(taken(files(CATALOG, owners, cart())).value, Unknown)


@pytest.mark.parametrize("plane", [Plane.BARE, Plane.AMBIENT])
def test_without_a_sidecar_nothing_is_taken(plane: Plane) -> None:
    """Plain pods and those that ztunnel serves have none."""
    mesh = files(CATALOG, cart())
    who = caller(mesh, plane)

    assert told(captured(mesh, who, address(mesh, "catalog.shop"), request())).value is False


def test_a_running_pod_was_told_its_settings() -> None:
    """What the template, the annotations and the values say now has no effect on it."""
    args = '["istio-iptables", "-p", "15001", "-u", "1337", "-m", "REDIRECT", "-i", "*", "-x", "", "-b", "*", "-d", "15090", "-o", "80"]'
    pod = f"""
kind: Pod
metadata: {{name: cart, namespace: web, labels: {{app: cart}}}}
spec:
  initContainers: [{{name: istio-init, image: proxyv2, args: {args}}}]
  containers: [{{name: cart}}, {{name: istio-proxy, image: proxyv2}}]
status: {{podIP: 10.1.0.9, phase: Running}}
"""
    assert taken(cluster(CATALOG, pod)).value is False
    assert taken(cluster(CATALOG, pod), port=81).value is True


def test_a_socket_of_the_proxy_takes_what_is_sent_to_it() -> None:
    """An egress entry with capture mode NONE listens in the pod itself."""
    socket = sidecar("{egress: [{port: {number: 9000, protocol: HTTP, name: http}, captureMode: NONE, hosts: ['*/*']}]}")

    assert taken(files(cart(), socket), "127.0.0.1", 9000).value is True
    assert taken(files(cart(), socket), "127.0.0.1", 9001).value is False


CONTAINERS = "containers: [{name: istio-proxy, image: proxyv2, securityContext: {runAsUser: 1}}, {name: a%s}, {name: b%s}]"


@pytest.mark.parametrize(
    ("a", "b", "pod", "main", "expected"),
    [
        ("", "", "", "", (None, None, 1)),
        (", securityContext: {runAsUser: 5}", "", "", "", (5, None, 1)),
        (", securityContext: {runAsGroup: 5}", "", "runAsUser: 7, runAsGroup: 8", "", (7, 5, 1)),
        (", securityContext: {runAsUser: 0, runAsGroup: 0}", "", "runAsUser: 7, runAsGroup: 8", "", (0, 0, 1)),
        ("", ", securityContext: {runAsUser: 5}", "runAsGroup: 8", "b", (5, 8, 2)),
        ("", ", securityContext: {runAsUser: 5}", "", "c", (None, None, 1)),
        ("", "", "runAsUser: 7", "a", (7, None, 1)),
    ],
)
def test_the_calling_process_is_that_of_the_main_container(
    a: str, b: str, pod: str, main: str, expected: tuple[int | None, int | None, int]
) -> None:
    """Else of the first that is no proxy; what it does not say, the pod says."""
    annotations = f"kubectl.kubernetes.io/default-container: {main}" if main else ""
    spec = CONTAINERS % (a, b) + (f", securityContext: {{{pod}}}" if pod else "")

    assert runs_as(caller(files(cart(annotations=annotations, spec=spec)))) == expected


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("containers: [{name: cart, securityContext: {runAsUser: 1337}}]", "/spec/containers/0/securityContext/runAsUser"),
        ("containers: [{name: cart, securityContext: {runAsGroup: 1337}}]", "/spec/containers/0/securityContext/runAsGroup"),
        ("containers: [{name: cart}], securityContext: {runAsUser: 1337}", "/spec/securityContext/runAsUser"),
        (
            "containers: [{name: cart, securityContext: {runAsUser: 5}}], securityContext: {runAsGroup: 1337}",
            "/spec/securityContext/runAsGroup",
        ),
        (
            "containers: [{name: istio-proxy, image: proxyv2}, {name: cart, securityContext: {runAsUser: 1337}}]",
            "/spec/containers/1/securityContext/runAsUser",
        ),
        ("securityContext: {runAsUser: 1337}", "/spec/securityContext/runAsUser"),
    ],
)
def test_the_place_of_the_users_number_is_told(spec: str, path: str) -> None:
    """The container's own, or else the pod's."""
    at = taken(files(CATALOG, cart(spec=spec))).steps[-1].at

    assert at
    assert at.path == f"/spec/template{path}"


@pytest.mark.parametrize(
    ("annotations", "setting", "path"),
    [
        (f"{OUT}/excludeOutboundPorts: '80'", "", f"/spec/template/metadata/annotations/{OUT}~1excludeOutboundPorts"),
        ("", '{"excludeOutboundPorts": "80"}', "/data/values"),
        ("", '{"includeIPRanges": "1.2.3.0/24"}', "/data/values"),
        (f"{OUT}/includeOutboundIPRanges: 10.0.0.0/8", "", f"/spec/template/metadata/annotations/{OUT}~1includeOutboundIPRanges"),
        ("", "", None),
    ],
)
def test_the_place_of_the_setting_is_told(annotations: str, setting: str, path: str | None) -> None:
    """On the pod, else in the injector's values; that all is redirected stands nowhere."""
    step = taken(with_annotations(annotations, *([values(setting)] if setting else []))).steps[-1]

    assert (step.at.path if step.at else None) == path


def test_the_only_pod_of_a_workload_knows_its_own_address() -> None:
    """Of two pods, a call to an address is taken to be the other's; so is one to a pod of another workload."""

    def pods(*numbers: int) -> str:
        return "---".join(
            f"""
kind: Pod
metadata:
  name: cart-{number}
  namespace: web
  labels: {{app: cart}}
  ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: cart, controller: true}}]
spec: {{containers: [{{name: cart}}, {{name: istio-proxy, image: proxyv2}}]}}
status: {{podIP: 10.1.0.{number}, phase: Running}}
"""
            for number in numbers
        )

    maker = cart().replace("kind: Deployment", "kind: StatefulSet")
    other = "kind: Pod\nmetadata: {name: x, namespace: web, labels: {app: x}}\nspec: {containers: [{name: x}]}\nstatus: {podIP: 10.1.0.7}\n"

    assert taken(cluster(maker, pods(1)), "10.1.0.1", 8080).value is False
    assert taken(cluster(maker, pods(1, 2)), "10.1.0.1", 8080).value is True
    assert taken(cluster(maker, pods(1), other), "10.1.0.7", 8080).value is True
