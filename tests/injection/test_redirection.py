"""The rules by which an outbound connection is redirected, in their order, each with what decides at its edge."""

from typing import Any

import pytest

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.proxy_ids import ProxyIds, ids_of
from kubectl_meshfix.injection.redirection.rules import Rule, outbound
from kubectl_meshfix.injection.redirection.settings import Outbound, numbers, parts
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta
from tests.injection.installations import injector, istiod, mesh

IDS = ProxyIds(1337, 1337, 1338, "")
LOCAL = "127.0.0.0/8"
NOT_KNOWN = "not known"


def judged(settings: dict[str, str], connection: dict[str, Any]) -> tuple[Rule, bool | str]:
    """The rule that decides, and what it says."""
    rule, redirected = outbound(Outbound(ids=IDS, **settings), **{"port": 80, "address": "192.0.2.1", **connection})
    return rule, NOT_KNOWN if isinstance(redirected, Unknown) else redirected


@pytest.mark.parametrize(
    ("settings", "connection", "rule", "redirected"),
    [
        ({}, {}, Rule.EVERYTHING, True),
        ({"included_ranges": " * "}, {}, Rule.EVERYTHING, True),
        # ports
        ({"excluded_ports": "80"}, {}, Rule.PORT_EXCLUDED, False),
        ({"excluded_ports": "81"}, {}, Rule.EVERYTHING, True),
        ({"excluded_ports": "80"}, {"port": None}, Rule.PORT_EXCLUDED, NOT_KNOWN),
        ({"excluded_ports": "81"}, {"port": None, "user": 1337}, Rule.PROXY_USER, False),
        ({}, {"port": None}, Rule.EVERYTHING, True),
        # the pod's own addresses
        ({}, {"is_own": True}, Rule.OWN_ADDRESS, False),
        ({}, {"address": "127.0.0.1"}, Rule.OWN_ADDRESS, False),
        ({}, {"address": "127.0.0.2"}, Rule.OWN_ADDRESS, False),
        ({}, {"address": "::1"}, Rule.OWN_ADDRESS, False),
        ({"included_ranges": f"10.0.0.0/8,{LOCAL}"}, {"is_own": True}, Rule.NOTHING, False),
        ({"included_ranges": LOCAL}, {"address": "127.0.0.1"}, Rule.LOOPBACK, False),
        ({"included_ranges": "::1/128"}, {"address": "::1"}, Rule.LOOPBACK, False),
        ({"included_ranges": LOCAL}, {"address": "127.0.0.2"}, Rule.RANGE_INCLUDED, True),
        ({"included_ranges": LOCAL}, {"address": ""}, Rule.RANGE_INCLUDED, NOT_KNOWN),
        # who calls
        ({}, {"user": 1337}, Rule.PROXY_USER, False),
        ({}, {"user": 1338}, Rule.EVERYTHING, True),
        ({}, {"group": 1337}, Rule.PROXY_GROUP, False),
        ({}, {"group": 1338}, Rule.EVERYTHING, True),
        ({"owner_groups": "2000"}, {"group": 2000}, Rule.EVERYTHING, True),
        ({"owner_groups": "2000"}, {"group": 2001}, Rule.OWNER_GROUP, False),
        ({"owner_groups": "2000"}, {}, Rule.OWNER_GROUP, NOT_KNOWN),
        ({"owner_groups": "2000,app"}, {"group": 2001}, Rule.OWNER_GROUP, NOT_KNOWN),
        ({"owner_groups": "None"}, {}, Rule.OWNER_GROUP, NOT_KNOWN),
        ({"owner_groups": ""}, {}, Rule.OWNER_GROUP, False),
        ({"owner_groups": " * ", "excluded_owner_groups": "2000"}, {"group": 2000}, Rule.OWNER_GROUP, False),
        ({"excluded_owner_groups": "2000"}, {"group": 2001}, Rule.EVERYTHING, True),
        ({"excluded_owner_groups": "2000"}, {}, Rule.OWNER_GROUP, NOT_KNOWN),
        ({"excluded_owner_groups": "app"}, {"group": 2001}, Rule.OWNER_GROUP, NOT_KNOWN),
        # ranges
        ({"excluded_ranges": "192.0.2.0/24"}, {}, Rule.RANGE_EXCLUDED, False),
        ({"excluded_ranges": "10.0.0.0/8"}, {}, Rule.EVERYTHING, True),
        ({"excluded_ranges": "192.0.2.0/24"}, {"address": ""}, Rule.RANGE_EXCLUDED, NOT_KNOWN),
        ({"excluded_ranges": "everything"}, {}, Rule.RANGE_EXCLUDED, NOT_KNOWN),
        ({"excluded_ranges": "192.0.2.0/24", "included_ranges": ""}, {"address": ""}, Rule.NOTHING, False),
        ({"included_ranges": "192.0.2.0/24"}, {}, Rule.RANGE_INCLUDED, True),
        ({"included_ranges": "10.0.0.0/8"}, {}, Rule.NOTHING, False),
        ({"included_ranges": "10.0.0.0/8"}, {"address": ""}, Rule.RANGE_INCLUDED, NOT_KNOWN),
        # ports that are redirected whatever their address
        ({"included_ranges": "10.0.0.0/8", "included_ports": "80"}, {}, Rule.PORT_INCLUDED, True),
        ({"included_ranges": "10.0.0.0/8", "included_ports": "81"}, {}, Rule.NOTHING, False),
        ({"included_ranges": "10.0.0.0/8", "included_ports": "80"}, {"port": None}, Rule.RANGE_INCLUDED, NOT_KNOWN),
        ({"included_ranges": "192.0.2.0/24", "included_ports": "80"}, {"port": None}, Rule.RANGE_INCLUDED, True),
    ],
)
def test_the_first_rule_that_applies_decides(
    settings: dict[str, str], connection: dict[str, Any], rule: Rule, redirected: bool | str
) -> None:
    """Connections to 192.0.2.1:80, each different in one thing; what nobody wrote down stays unknown where it would decide."""
    assert judged(settings, connection) == (rule, redirected)


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("", set()),
        ("80", {80}),
        (" 80 ,443,, ", {80, 443}),
        ("http,80", {80}),
        ("65535", {65535}),
        ("99999,100000", {99999}),
        ("٨٠,²,8", {8}),
        ("-1,1.5", set()),
    ],
)
def test_ports_of_a_list(text: str, ports: set[int]) -> None:
    """What is no port is passed over: digits of other scripts, signs, and numbers so long that nobody wants to read them."""
    assert numbers(text) == ports


def test_parts_of_a_list() -> None:
    """Blanks around the items, and empty items, are nothing."""
    assert parts(" a , ,b,") == ("a", "b")
    assert parts("") == ()


OPENSHIFT = {"global": {"platform": "openshift"}}
USERS, GROUPS = "openshift.io/sa.scc.uid-range", "openshift.io/sa.scc.supplemental-groups"
LAST = f"the last of the range in the annotation {USERS} of Namespace shop"
DEFAULT = ProxyIds(1337, 1337, 1338, "the default outside of OpenShift")


@pytest.mark.parametrize(
    ("values", "annotations", "ids"),
    [
        (OPENSHIFT, {USERS: "1000/10000"}, ProxyIds(10999, 10999, 1000, LAST)),
        (OPENSHIFT, {USERS: "1000-1999"}, ProxyIds(1999, 1999, 1000, LAST)),
        (OPENSHIFT, {USERS: "1000/10", GROUPS: "2000/10,3000/10"}, ProxyIds(1009, 2009, 1000, LAST)),
        (OPENSHIFT, {USERS: "1000/10", GROUPS: "all"}, ProxyIds(1009, 1009, 1000, LAST)),
        (OPENSHIFT, {USERS: "all"}, DEFAULT),
        (OPENSHIFT, {GROUPS: "2000/10"}, DEFAULT),
        (OPENSHIFT, {}, DEFAULT),
        (OPENSHIFT, None, DEFAULT),
        ({"global": {"platform": "gke"}}, {USERS: "1000/10000"}, DEFAULT),
        ({}, {USERS: "1000/10000"}, DEFAULT),
        (None, {USERS: "1000/10000"}, DEFAULT),
    ],
)
def test_the_proxys_ids(values: dict[str, Any] | None, annotations: dict[str, str] | None, ids: ProxyIds) -> None:
    """The last ones of the namespace's ranges where the platform is OpenShift, else Istio's own; None stands for what was not read."""
    installed = mesh(istiod(), *([] if values is None else [injector(values=values)]))
    space = None if annotations is None else Namespace(metadata=NamespaceMeta(name="shop", annotations=annotations))

    assert ids_of(control_plane(installed, "default"), space) == ids
    assert ids_of(None, space) == DEFAULT
