"""Commands that each verb's help ends with."""

EXAMPLES = {
    "diagnose": """
kubectl meshfix diagnose -A                   # the whole cluster
kubectl meshfix diagnose svc/cart -o wide     # one Service, and the evidence
kubectl meshfix diagnose deploy/*.yaml        # manifests
kubectl meshfix diagnose -f deploy/ -R --watch
kubectl meshfix diagnose -f deploy/ -R --context prod  # as if applied there
kubectl meshfix diagnose -A -o short          # a line a finding
kubectl meshfix diagnose -A -o html > report.html
kubectl meshfix diagnose svc/cart --bundle bundle.yaml # for an issue
""",
    "explain": """
kubectl meshfix explain deploy/cart -n shop
kubectl meshfix explain pods -n shop          # a table
kubectl meshfix explain ns/shop               # what a new pod would get
kubectl meshfix explain svc/cart              # the workloads behind it
kubectl meshfix explain deploy/cart --probe
""",
    "trace": """
kubectl meshfix trace deploy/cart http://catalog.shop/items -n shop
kubectl meshfix trace deploy/cart http://catalog/ -H 'x-user: a' -X POST
kubectl meshfix trace gateway/shop https://shop.example.com/
kubectl meshfix trace deploy/cart catalog.shop:9000    # TCP
kubectl meshfix trace outside http://catalog.shop/     # no sidecar
kubectl meshfix trace -f deploy/ -R deploy/cart http://catalog.shop/
kubectl meshfix trace --matrix deploy -n shop          # who reaches whom
""",
    "test": """
kubectl meshfix test --init tests.yaml -f deploy/ -R  # a first file
kubectl meshfix test tests.yaml -f deploy/ -R
kubectl meshfix test tests.yaml -f deploy/ -R --context prod
kubectl meshfix test tests/                   # against the cluster
kubectl meshfix test tests/ -f deploy/ -R -o junit
""",
    "apply": """
kubectl meshfix apply -n shop --dry-run       # look, and change nothing
kubectl meshfix apply -n shop                 # safe fixes; asks first
kubectl meshfix apply svc/cart --unsafe --wait
kubectl meshfix apply -f deploy/ -R           # rewrite manifests
kubectl meshfix apply -n shop -o kustomize    # for a repository
""",
    "undo": """
kubectl meshfix undo --list
kubectl meshfix undo --dry-run                # what would be taken back
kubectl meshfix undo 20260301-120000-4f2a9c
kubectl meshfix undo -f deploy/               # the newest run on these files
""",
    "rules": """
kubectl meshfix rules
kubectl meshfix rules MF101
kubectl meshfix rules IST0118                 # by istioctl's name for it
""",
}
"""By verb. Each is tried by a test, as far as a command line can be tried without running it."""


def epilog(verb: str) -> str:
    """The end of a verb's help; the first line keeps its lines apart."""
    examples = EXAMPLES.get(verb, "").strip().splitlines()
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in examples)]) if examples else ""
