"""Flags of istioctl, kubectl and linters that hands type here, and what to type instead."""

import msgspec


class NearMiss(msgspec.Struct, frozen=True):
    """What is said of a flag that is not there."""

    sentence: str
    hint: str


_FAIL_ON = ("The severity that makes the exit code 1 is set by --fail-on.", "Write --fail-on error, warning, info or never.")
_SEVERITY = ("The least severity to show is set by --severity.", "Write --severity error, warning or info.")
_SUPPRESS = (
    "Findings are left out by --ignore, or suppressed in the settings file with a reason (docs/configuration.md).",
    "Write --ignore CODE; istioctl's codes are understood: --ignore IST0118.",
)
_USE_KUBE = (
    "What is read is chosen by -f: with it files alone, with --context too files in that cluster, without it the cluster.",
    "Leave the flag out, and add -f FILE for files.",
)
_PICK = ("Single fields are picked from the JSON.", "Pipe -o json into jq.")
_ORDER = ("Findings are sorted by namespace and object.", "For another order pipe -o json into jq.")
_HEADS = ("Tables are for people.", "For scripts use -o json or -o name.")
_TO_FILE = ("A report goes to standard output.", "Write > FILE after the command.")
_RULES = ("Rules are chosen by --select and left out by --ignore.", "Write --select CODE,… or --ignore CODE,….")
_READS_ONLY = ("This command changes nothing.", "Leave the flag out. The fixes: kubectl meshfix apply --dry-run.")
_APPLY = ("Fixes are made by another command.", "Run: kubectl meshfix apply --dry-run, and then without --dry-run.")
_NO_FORCE = (
    "A change of somebody else is never overwritten.",
    "Leave the flag out; apply shows an object again if it has changed meanwhile.",
)
_FOUND = ("Control planes are found by their webhooks, in every namespace.", "Leave the flag out.")
_LIST = ("The rules are listed by a command of their own.", "Run: kubectl meshfix rules.")
_MESH_CONFIG = ("The mesh's configuration is read like any other manifest.", "Name the file of ConfigMap istio with -f.")
_FIELDS = ("Objects are chosen by name, namespace or label.", "Write TYPE/NAME, -n NAMESPACE or -l SELECTOR.")
_LOGIN = ("Users are chosen by --user, --token or the kubeconfig.", "Write --user NAME or --token TOKEN.")
_CONTEXTS = ("Several clusters are named by --contexts.", "Write --contexts a,b or --contexts all.")
_NOTHING = ("", "Leave it out.")
_YES = ("The question of apply and undo is answered by --yes.", "Write --yes.")
_FORMAT = ("The output format is chosen by -o.", "Write -o json, or another format of the help.")
_FILES = ("Manifests are named by -f, or stand without a flag.", "Write -f FILE, or FILE alone.")
_EVERYTHING = ("All namespaces are -A; all objects, also those outside the mesh, are --scope all.", "Write -A, --scope all, or both.")

_METHOD = ("The method is chosen by -X.", "Write -X POST.")
_HEADER = ("Headers are given by -H.", "Write -H 'name: value'; repeat for more.")
_BODY = ("No route or policy reads a body, so none is sent.", "Leave it out; write -X POST for the method.")
_TLS = ("Nothing is sent, and no certificate is looked at.", "Leave it out.")
_PASSWORD = ("No rule of the mesh reads a password.", "Leave it out.")
_CLAIMS = ("Of a token only its claims are taken.", """Write --jwt-claims '{"iss": "…", "sub": "…"}'.""")
_FROM = ("The caller and the URL stand without flags.", "Write trace deploy/cart http://catalog.shop/items.")
_HOST = ("The host is the URL's; another Host header is given by -H.", "Write -H 'host: NAME'.")
_URL = ("Port, path and query are the URL's.", "Write http://catalog.shop:8080/items?page=2.")
_VERSION = ("The version of HTTP is chosen by --http.", "Write --http 1.0, 1.1 or 2.")

_MISSES = {
    # istioctl analyze and istioctl's own flags
    "--failure-threshold": _FAIL_ON, "--output-threshold": _SEVERITY, "--suppress": _SUPPRESS, "-S": _SUPPRESS, "--use-kube": _USE_KUBE,
    "--list-analyzers": _LIST, "-L": _LIST, "--meshConfigFile": _MESH_CONFIG, "--istioNamespace": _FOUND, "-i": _FOUND,
    "--remote-contexts": _CONTEXTS, "--ignore-unknown": _NOTHING, "--vklog": _NOTHING, "--analyzer": _RULES,
    # kubectl's
    "--sort-by": _ORDER, "--sort": _ORDER, "--no-headers": _HEADS, "--template": _PICK, "--jsonpath": _PICK, "--show-labels": _NOTHING,
    "--label-columns": _NOTHING, "--field-selector": _FIELDS, "--server-side": _NOTHING, "--force": _NO_FORCE,
    "--force-conflicts": _NO_FORCE, "--overwrite": _NO_FORCE, "--field-manager": _NOTHING, "--prune": _NOTHING, "--record": _NOTHING,
    "--validate": _NOTHING, "--show-managed-fields": _NOTHING, "--chunk-size": _NOTHING, "--cache-dir": _NOTHING, "--all": _EVERYTHING,
    "--watch-only": ("Changes are followed by --watch.", "Write diagnose --watch."),
    "--username": _LOGIN, "--password": _LOGIN, "--match-server-version": _NOTHING, "--warnings-as-errors": _NOTHING,
    "--subresource": _NOTHING, "--profile": _NOTHING, "--log-flush-frequency": _NOTHING,
    # linters'
    "--format": _FORMAT, "--output-format": _FORMAT, "--reporter": _FORMAT, "--output-file": _TO_FILE, "--out": _TO_FILE,
    "--exit-zero": _FAIL_ON, "--exit-code": _FAIL_ON, "--no-fail": _FAIL_ON, "--strict": _FAIL_ON, "--level": _SEVERITY,
    "--min-severity": _SEVERITY, "--exclude": _RULES, "--rule": _RULES, "--rules": _RULES, "--disable": _RULES, "--enable": _RULES,
    "--skip": _RULES, "--file": _FILES, "--files": _FILES, "--path": _FILES, "--dir": _FILES, "--auto-approve": _YES, "--assume-yes": _YES,
    "--no-prompt": _YES,
}  # fmt: skip

_OF_VERBS = {
    "diagnose": {"--fix": _APPLY, "--diff": _APPLY, "--yes": _READS_ONLY, "-y": _READS_ONLY, "--dry-run": _READS_ONLY},
    "explain": {"--fix": _APPLY, "--yes": _READS_ONLY, "-y": _READS_ONLY,
                "--dry-run": ("A dry run of a pod is made by --probe.", "Write --probe.")},
    "trace": {"--method": _METHOD, "--headers": _HEADER, "-d": _BODY, "--data": _BODY, "--insecure": _TLS, "-u": _PASSWORD,
              "--user-agent": _HEADER, "--jwt": _CLAIMS, "--token-file": _CLAIMS, "--claims": _CLAIMS, "--from": _FROM, "--to": _FROM,
              "--url": _FROM, "--host": _HOST, "--path": _URL, "--query": _URL, "--port": _URL, "--http1.0": _VERSION,
              "--http1.1": _VERSION, "--http2": _VERSION, "-0": _VERSION, "--resolve": _HOST, "--connect-to": _HOST, "--watch": _NOTHING,
              "-I": _METHOD, "--head": _METHOD,
              "--fail-on": ("The exit code is 1 where the request does not arrive.", "Leave the flag out."),
              "--fix": _APPLY, "--yes": _READS_ONLY, "--dry-run": ("Nothing is sent.", "Leave the flag out.")},
    "test": {"--junit": ("Reports are formats of -o.", "Write -o junit > FILE."),
             "--write": ("A first file is written by --init.", "Write --init FILE."),
             "--fail-under": ("What is not tested is named, and does not fail a run.", "Leave it out."), "--fix": _APPLY,
             "--update": ("Expectations are changed by hand.", "Write --init FILE for a first file of what is there.")},
    "apply": {"--watch": ("Rollouts are watched by --wait; findings by diagnose --watch.", "Write --wait."),
              "-w": ("Rollouts are watched by --wait; findings by diagnose --watch.", "Write --wait."),
              "--diff": ("The diff alone is shown by --dry-run.", "Write --dry-run."),
              "--fail-on": ("With --dry-run the exit code is 1 where there is something to change.", "Leave the flag out.")},
}  # fmt: skip


def near_miss(verb: str, flag: str) -> NearMiss | None:
    """What to say of a flag that a verb does not take."""
    found = _OF_VERBS.get(verb, {}).get(flag) or _MISSES.get(flag)
    return NearMiss(f"{flag} is no flag of kubectl meshfix{f' {verb}' if verb else ''}. {found[0]}".rstrip(), found[1]) if found else None
