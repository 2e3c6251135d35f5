"""``make rule CODE=MF142 NAME=what-is-wrong FAMILY=ports``: a rule's module and page, ready to be filled in, in the registry."""

import re
import sys
from pathlib import Path

RULES = Path(__file__).parent.parent / "kubectl_meshfix" / "rules"

FAMILIES = {
    "input": ("MF0", "the input: documents that cannot be read, settings that have no effect any more"),
    "ports": ("MF1", "ports of Services and containers, and their protocols"),
    "workloads": ("MF2", "workloads and their pod templates"),
    "injection": ("MF3", "which pods get a sidecar: labels, webhooks, the injector's configuration"),
    "routing": ("MF4", "Istio's routes: VirtualService, and the hosts, subsets and ports that it names"),
    "destinations": ("MF4", "what is called and how: DestinationRule, ServiceEntry, Sidecar"),
    "gateways": ("MF5", "Istio's Gateway, and the Gateway API: Gateway, HTTPRoute, GRPCRoute, TLSRoute, TCPRoute"),
    "policy": ("MF6", "security: AuthorizationPolicy, PeerAuthentication, RequestAuthentication, mTLS"),
    "extensions": ("MF7", "EnvoyFilter, WasmPlugin, Telemetry, the mesh configuration"),
    "ambient": ("MF8", "ambient mode: ztunnel and waypoints"),
    "control_plane": ("MF9", "the control plane"),
    "proxies": ("MF9", "what istiods and proxies answer when they are asked (--proxies)"),
}
"""What each family is for, and the beginning of its codes."""

MODULE = '''"""{code}: TODO what is wrong, in a few words."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected, near
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

LABEL = "example.com/service"
RISK = "TODO which requests or pods may be treated differently, in one sentence."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each TODO Sidecar whose label names no Service (the place in Istio's source that says what this is about)."""
    for sidecar in mesh.all(Sidecar):
        name = sidecar.labels.get(LABEL)
        names = [service.name for service in mesh.within(Service, sidecar.namespace)]
        if not name or name in names or not mesh.knows(kinds.SERVICE, sidecar.namespace):  # what was not read may be there
            continue
        better, path = near(name, names), join("metadata", "labels", LABEL)
        effect = "TODO what happens to traffic or pods"
        message, severity = absence(f"Service {{name}}", effect, is_live=mesh.live, is_slip=bool(better))
        fix = corrected(sidecar.ref, path, name, better, manual("TODO what to do; begin with a verb."), risk=RISK)
        yield Finding(resource=sidecar.ref, path=path, message=message, fix=fix, severity=severity)


RULE = Rule(
    code="{code}",
    name="{name}",
    severity=Severity.WARNING,
    inputs=(kinds.SIDECAR,),  # the rule is skipped where one of these cannot be read
    optional=(kinds.SERVICE,),  # these sharpen it; ask mesh.knows before you conclude anything from an absence
    summary="TODO one line for the catalogue",
    check=check,
)
'''

PAGE = """# {code} {name}

## What it finds

TODO: which objects, and which are not reported.

## Why it matters

TODO: what happens to traffic or pods.

## Example

```yaml bad +cart "TODO what is wrong here"
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: cart
  namespace: shop
  labels:
    example.com/service: crat # expect: {code}
spec:
  egress:
  - hosts:
    - ./*
```

## Fix

TODO: what it does, and when a person has to decide.

```yaml fixed
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: cart
  namespace: shop
  labels:
    example.com/service: cart
spec:
  egress:
  - hosts:
    - ./*
```

## Fix safety

Unsafe, because TODO. TODO which requests or pods may be treated differently, in one sentence.

## References

- Istio: TODO the page of its documentation, and the place in its source
"""

NEXT = """\
Wrote   {module}.py   the check and its fix
        {module}.md   its page, which is also its test; both have an example that works
Added   {name} to kubectl_meshfix/rules/index.json, which make docs writes again when the rule declares other kinds

Next:
  1. Write the page: replace each TODO. Objects that many examples need can be named, as +cart is: {given}.
  2. Write check(), until this passes:
       {python} -m pytest -q tests/rules/test_pages.py tests/rules/test_words.py -k {code}
     A message says the fact and its effect in two sentences, about 110 characters; a fix begins with a verb and has about 80.
  3. make docs lint test
"""

HELP = """\
make rule CODE=MF142 NAME=what-is-wrong FAMILY=ports

CODE is the family's MF and digit, and two digits that no rule had before; codes are never reused.
NAME is in kebab-case and says what is wrong. FAMILY is one of

{families}
"""


def main(code: str = "", name: str = "", family: str = "") -> None:
    """Write both files and enter the rule into the registry; refuse what would clash, and say what the families are for."""
    families = "\n".join(f"  {family:<14}{prefix}xx  {what}" for family, (prefix, what) in FAMILIES.items())
    if not re.fullmatch(r"MF\d{3}", code) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or family not in FAMILIES:
        sys.exit(HELP.format(families=families))
    if not code.startswith(FAMILIES[family][0]):
        sys.exit(f"Codes of {family} begin with {FAMILIES[family][0]}.\n\n{HELP.format(families=families)}")
    folder, module = RULES / family, name.replace("-", "_")
    if any(f"# {code} " in page.read_text(encoding="utf-8") for page in RULES.rglob("*.md")) or (folder / f"{module}.py").exists():
        sys.exit(f"{code} or {name} exists already; codes are never reused.")
    folder.mkdir(exist_ok=True)
    if not (folder / "__init__.py").exists():
        (folder / "__init__.py").write_text(f'"""{FAMILIES[family][1].capitalize()}."""\n', encoding="utf-8")
    (folder / f"{module}.py").write_text(MODULE.format(code=code, name=name), encoding="utf-8")
    (folder / f"{module}.md").write_text(PAGE.format(code=code, name=name), encoding="utf-8")
    write_index()
    given = " ".join(f"+{path.stem}" for path in sorted((RULES / "given").glob("*.yaml")))
    place = (folder / module).relative_to(RULES.parent.parent).as_posix()
    sys.stdout.write(NEXT.format(module=place, name=name, code=code, given=given, python=".venv/bin/python"))


def write_index() -> None:
    """Enter what the modules declare into the registry, by the code beside this file, wherever it was started."""
    sys.path.insert(0, str(RULES.parent.parent))
    from docs import rule_index  # noqa: PLC0415

    rule_index.write()


if __name__ == "__main__":
    main(*sys.argv[1:4])
