"""The bytes of a dump: what is read of them, and what becomes of bytes that are none."""

import json

import pytest

from kubectl_meshfix.traffic.observed.dump import ADMIN, config
from kubectl_meshfix.traffic.observed.envoy import Config
from kubectl_meshfix.traffic.observed.listening import ends
from tests.traffic.observed.scenes import dump, part


def test_resources_are_found_by_their_names() -> None:
    """Listeners, routes, clusters and endpoints are kept by name, with the time at which the proxy took each, and its version."""
    found = config(json.dumps(dump("predicted")).encode())

    assert found.version == "1.31.0"
    assert "0.0.0.0_80" in found.listeners
    assert found.routes["80"].ignore_port_in_host_matching is True
    assert found.clusters["outbound|80|v2|server.demo.svc.cluster.local"].type == "EDS"
    assert found.endpoints["outbound|80|v2|server.demo.svc.cluster.local"].endpoints[0].lb_endpoints
    assert found.taken["80"].updated.startswith("2026-")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "its answer is not JSON"),
        (b"<html><body>503 Service Unavailable</body></html>", "its answer is not JSON"),
        (b"\xff\xfe{}", "its answer is not JSON"),
        (b'{"configs": ' + b"[" * 100_000, "its answer is not JSON"),
        (b"[]", "its configuration has another form: Expected `object`, got `array`"),
        (b"null", "its configuration has another form: Expected `object`, got `null`"),
        (b"{}", "its configuration has another form: Object missing required field `configs`"),
        (b'{"configs": [7]}', "its configuration has another form: Expected `object`, got `int`"),
        (b'{"configs": {"@type": "x"}}', "its configuration has another form: Expected `array`, got `object` - at `$.configs`"),
    ],
)
def test_what_is_no_dump_is_said_to_be_none(body: bytes, reason: str) -> None:
    """HTML, nothing, another encoding and another form end in half a sentence, and in no other error."""
    with pytest.raises(ValueError, match=r"answer|form") as raised:
        config(body)

    assert str(raised.value) == reason


def test_a_dump_that_was_cut_short_is_none() -> None:
    """No part of a dump is believed whose end is missing, wherever it was cut."""
    whole = json.dumps(dump("patched")).encode()

    for size in range(1, len(whole), 997):
        with pytest.raises(ValueError, match="its answer is not JSON"):
            config(whole[:size])


def test_parts_that_are_not_known_are_passed_over() -> None:
    """Another Envoy has other dumps and other fields: what is known is read all the same."""
    found = dump("patched")
    found["configs"] += [{"@type": f"{ADMIN}EcdsConfigDump", "ecds_filters": [1]}, {"no": "type"}]
    for row in part(found, "Clusters")["dynamic_active_clusters"]:
        row["cluster"] |= {"lb_policy": "NEW_POLICY", "new_field": {"deep": [{}]}}

    assert config(json.dumps(found).encode()) == config(json.dumps(dump("patched")).encode())


def test_a_known_part_of_another_form_is_told() -> None:
    """A field that is no text where one is expected makes the whole answer one that cannot be read."""
    found = dump("patched")
    part(found, "Routes")["dynamic_route_configs"][0]["route_config"]["virtual_hosts"] = {"all": "of them"}

    with pytest.raises(ValueError, match="its configuration has another form"):
        config(json.dumps(found).encode())


def test_an_empty_dump_has_nothing() -> None:
    """A proxy that has nothing yet says so."""
    assert config(b'{"configs": []}') == Config()


def test_a_filter_of_another_form_is_told_when_it_is_looked_at() -> None:
    """What ends a filter chain is read where it is needed, and not before."""
    found = dump("patched")
    listener = part(found, "Listeners")["dynamic_listeners"][0]["active_state"]["listener"]
    listener["filter_chains"][0]["filters"][0]["typed_config"]["rds"] = "80"
    chains = config(json.dumps(found).encode()).listeners["0.0.0.0_80"].filter_chains

    with pytest.raises(ValueError, match="its configuration has another form"):
        ends(chains[0])


def test_fifty_megabytes_are_read() -> None:
    """The dump of a very large mesh is read whole: as many clusters as there are."""
    row = json.dumps(part(dump("patched"), "Clusters")["dynamic_active_clusters"][0])
    count = 50_000_000 // len(row)
    rows = ",".join(row.replace("|80|", f"|{number}|") for number in range(count))
    body = f'{{"configs": [{{"@type": "{ADMIN}ClustersConfigDump", "dynamic_active_clusters": [{rows}]}}]}}'.encode()

    assert len(body) > 49_000_000
    assert len(config(body).clusters) == count
