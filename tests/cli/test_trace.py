"""``trace`` on the command line: bad input gets an error that helps, strange input an answer; neither takes long or tells a secret."""

import json
import time
from pathlib import Path

import pytest
from typer.testing import Result

from kubectl_meshfix.errors import ExitCode, UsageError
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic.trace.inputs import INPUTS
from tests.command import run

SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog, namespace: shop}
spec:
  selector: {matchLabels: {app: catalog}}
  template: {metadata: {labels: {app: catalog}}, spec: {containers: [{name: app, image: app}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: app, image: app}]}}
"""
CATALOG = "catalog.shop.svc.cluster.local"
TOKEN = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"
FORMATS = ("tree", "json", "yaml", "mermaid", "html")
HIDDEN = "\u202e\u2028\x7f\x85\x1b\u200b"
LONG = 10.0
"""Seconds of this process that none of these may take."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Manifests of a cart that calls a catalog."""
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


def add(path: Path, *texts: str) -> None:
    """More documents of the manifests."""
    path.write_text("\n---\n".join((SHOP, *texts)))


def virtual_service(http: object, name: str = "routes", hosts: tuple[str, ...] = (CATALOG,)) -> str:
    """A VirtualService as JSON, which is YAML."""
    metadata = {"name": name, "namespace": "shop"}
    body = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": metadata, "spec": {"hosts": hosts, "http": http}}
    return json.dumps(body)


def trace(path: Path, *words: str, caller: str = "deploy/cart", url: str = "http://catalog/") -> Result:
    """One trace that gets an answer, and does not take long."""
    began = time.process_time()
    result = run("trace", caller, url, *words, "-f", str(path))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (ExitCode.OK, ExitCode.FINDINGS)
    assert time.process_time() - began < LONG
    return result


def refused(path: Path, *words: str, caller: str = "deploy/cart", url: str = "http://catalog/") -> str:
    """What is printed of a trace that is not tried."""
    result = run("trace", caller, url, *words, "-f", str(path))
    assert isinstance(result.exception, UsageError), result.output
    return f"{result.output}{result.exception}\n{result.exception.hint}"


def test_a_request_that_arrives_exits_with_0(shop: Path) -> None:
    """The first line says where it arrives."""
    result = trace(shop)

    assert result.exit_code == ExitCode.OK
    assert result.output.startswith("✓ It arrives at port 8080 of Deployment shop/catalog over mutual TLS.\n")


@pytest.mark.parametrize(
    ("caller", "url", "error"),
    [
        ("deploy/crat", "http://catalog/", "Did you mean cart"),
        ("deploy/cart/x", "http://catalog/", "does not name a caller"),
        ("cart", "http://catalog/", "does not name a caller"),
        ("svc/catalog", "http://catalog/", "A Service sends no requests"),
        ("nosuch/default", "http://catalog/", 'There is no namespace "nosuch"'),
        ("gateway/shop", "http://catalog/", 'There is no Gateway "shop"'),
        ("deploy/cart", "", "is not a URL that trace knows"),
        ("deploy/cart", "http://", "is not a URL that trace knows"),
        ("deploy/cart", "catalog", "has neither a scheme nor a port"),
        ("deploy/cart", "ftp://catalog/", "is not a URL that trace knows"),
        ("deploy/cart", "http://catalog:99999/", "has no port between 1 and 65535"),
        ("deploy/cart", "http://catalog:0/", "is not a URL that trace knows"),
        ("deploy/cart", "http://[fd00::1/", "is not a URL that trace knows"),
        ("deploy/cart", "http://cat alog/", "is not a URL that trace knows"),
    ],
)
def test_a_caller_or_url_that_is_none_is_an_error(caller: str, url: str, error: str, shop: Path) -> None:
    """A sentence says what is wrong."""
    assert error in refused(shop, caller=caller, url=url)


def test_a_host_that_is_not_there_is_an_answer_with_near_names(shop: Path) -> None:
    """The caller gets what DNS says, and the reader the Service that may be meant."""
    result = trace(shop, url="http://catalogue/")

    assert result.exit_code == ExitCode.FINDINGS
    assert "could not resolve host (curl 6)" in result.output
    assert "but catalog." in result.output


def test_a_port_that_the_service_lacks_is_an_answer(shop: Path) -> None:
    """It is no error of the command: that is what becomes of the request."""
    result = trace(shop, url="http://catalog:81/")

    assert result.exit_code == ExitCode.FINDINGS
    assert "Service shop/catalog has no port 81" in result.output


@pytest.mark.parametrize(
    ("words", "url", "error"),
    [
        (("-X", "POST"), "tcp://catalog:80", "TCP has no methods"),
        (("-H", "x: a"), "catalog:80", "TCP has no methods"),
        (("-X", "GET /"), "http://catalog/", "is not an HTTP method"),
        (("-H", "nocolon"), "http://catalog/", "is not a header"),
        (("-H", "x: a\r\ny: b"), "http://catalog/", "is not a header"),
        (("--http", "3"), "http://catalog/", "is no version of HTTP"),
        (("--principal", "ann"), "http://catalog/", "is not an identity of the mesh"),
        (("--source-ip", "10.0.0.0/8"), "http://catalog/", "is not an IP address"),
        (("-l", "app=cart"), "http://catalog/", "-l chooses callers for --matrix"),
        (("more",), "http://catalog/", "trace takes two words"),
    ],
)
def test_flags_that_do_not_fit_are_errors(words: tuple[str, ...], url: str, error: str, shop: Path) -> None:
    """Each is named, and what to write instead."""
    assert error in refused(shop, *words, url=url)


@pytest.mark.parametrize("given", [TOKEN, f"Bearer {TOKEN}", f"  {TOKEN}\n", TOKEN + "x" * 10_000])
def test_a_token_in_place_of_claims_is_refused_and_never_printed(given: str, shop: Path) -> None:
    """No part of it is repeated, neither from the flag nor from a file."""
    file = shop.with_name("claims.json")
    file.write_text(given)
    for word in (given, str(file)):
        said = refused(shop, "--jwt-claims", word)
        assert "This is a token" in said
        assert not any(part in said for part in TOKEN.split("."))


@pytest.mark.parametrize("given", ["{", "[]", '"x"', "nosuch.json", '{"iss": NaN', "\0"])
def test_claims_that_are_none_are_refused_without_being_repeated(given: str, shop: Path) -> None:
    """Whatever it is, it may be a secret."""
    assert "claims" in refused(shop, "--jwt-claims", given)


def test_a_password_in_a_url_is_refused_and_never_printed(shop: Path) -> None:
    """The reader is told to leave it out."""
    said = refused(shop, url="http://ann:hunter2@catalog/")

    assert "holds a user name or a password" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("output", FORMATS)
def test_no_format_prints_what_a_terminal_hides_or_obeys(output: str, shop: Path) -> None:
    """Control characters of a path, a header or an object's route are told by their escapes."""
    add(shop, virtual_service([{"name": f"a{HIDDEN}", "match": [{"uri": {"prefix": f"/{HIDDEN}"}}], "directResponse": {"status": 418}}]))
    result = trace(shop, "-o", output, "-H", "x: a\x7f\u202e", "-v", url=f"http://catalog/{HIDDEN}")

    assert not set(HIDDEN) & set(result.output)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://bücher.example.com/", "xn--bcher-kva.example.com"),
        ("http://CATALOG.Shop/", "catalog.shop"),
        ("http://[2001:DB8::1]:8080/", "2001:db8::1"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("http://localhost:8080/", "localhost"),
    ],
)
def test_hosts_in_all_forms_are_traced(url: str, host: str, shop: Path) -> None:
    """Names in other scripts, in capitals, and addresses of both versions."""
    assert host in trace(shop, "-o", "json", url=url).output


@pytest.mark.parametrize("spec", ["spec: {}", "spec: null", ""])
@pytest.mark.parametrize("kind", INPUTS, ids=str)
def test_objects_of_every_kind_may_be_empty(kind: Kind, spec: str, shop: Path) -> None:
    """What an object does not say is its default; nothing breaks."""
    version = f"{kind.group}/{kind.versions[0]}" if kind.group else kind.versions[0]
    name = str(kind).partition(".")[0]
    add(shop, f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: half, namespace: shop}}\n{spec}")

    assert trace(shop).output


@pytest.mark.parametrize(
    "http",
    [
        [{}],
        [{"match": [{}]}],
        [{"match": [{"uri": {}, "headers": {"x": {}}, "queryParams": {"a": {}}, "method": {}}], "route": [{}]}],
        [{"route": [{"destination": {}}]}],
        [{"route": [{"destination": {"host": "catalog", "port": {}}, "weight": 0}, {"destination": {"host": "catalog"}, "weight": 0}]}],
        [{"delegate": {}}],
        [{"redirect": {}}],
        [{"directResponse": {}}],
        [
            {
                "fault": {"abort": {}, "delay": {}},
                "timeout": "x",
                "rewrite": {},
                "mirror": {},
                "route": [{"destination": {"host": "catalog"}}],
            }
        ],
    ],
)
def test_routes_may_hold_half_of_their_fields(http: object, shop: Path) -> None:
    """Every one has an answer."""
    add(shop, virtual_service(http))

    assert trace(shop).output


def test_5000_routes_are_walked_through(shop: Path) -> None:
    """The last one is found, and why each before it did not match is not shown unless it is asked for."""
    add(shop, virtual_service([{"match": [{"uri": {"exact": f"/{number}"}}], "directResponse": {"status": 418}} for number in range(5000)]))
    result = trace(shop, url="http://catalog/4999")

    assert result.output.startswith("✗ 418")
    assert len(result.output.splitlines()) < 100


def test_delegates_in_a_circle_end(shop: Path) -> None:
    """A delegate cannot delegate again, so its route is dropped, and the Service's own is left."""
    circle = (virtual_service([{"delegate": {"name": other}}], name, ()) for name, other in (("a", "b"), ("b", "a")))
    add(shop, virtual_service([{"delegate": {"name": "a"}}]), *circle)

    assert trace(shop).exit_code == ExitCode.OK


@pytest.mark.parametrize(
    "regex", ["(a+)+$", "(a|aa)+$", "(.*)*x", "((a{1,1000}){1,1000}){1,1000}", "(" * 500 + "a" + ")*" * 500, "(x+x+)+y", "["]
)
def test_regexes_take_bounded_time(regex: str, shop: Path) -> None:
    """RE2 never backtracks, and what is too large for it is not evaluated."""
    conditions = [{"uri": {"regex": regex}}, {"headers": {"x": {"regex": regex}}}]
    add(shop, virtual_service([{"match": conditions, "route": [{"destination": {"host": "catalog"}}]}]))

    assert trace(shop, "-H", f"x: {'a' * 10_000}!", url=f"http://catalog/{'a' * 5_000}!").output


def test_headers_may_be_huge(shop: Path) -> None:
    """Two megabytes of them are no trouble, and are not printed."""
    add(shop, virtual_service([{"match": [{"headers": {"x1999": {"prefix": "v"}}}], "route": [{"destination": {"host": "catalog"}}]}]))
    result = trace(shop, *(word for number in range(2000) for word in ("-H", f"x{number}: {'v' * 1000}")))

    assert result.exit_code == ExitCode.OK
    assert "v" * 1000 not in result.output
