"""kubectl's flag syntax."""

import pytest

from kubectl_meshfix.cli.flags.pflag import normalised

TAKES_VALUE = {
    "-n": True,
    "--namespace": True,
    "-A": False,
    "--all-namespaces": False,
    "-o": True,
    "--output": True,
    "--dry-run": True,
    "-v": True,
}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["-n=prod"], ["-n", "prod"]),
        (["-nprod"], ["-nprod"]),
        (["-n", "prod"], ["-n", "prod"]),
        (["--namespace=prod"], ["--namespace=prod"]),
        (["--namespace", "-A"], ["--namespace", "-A"]),
        (["-o=json", "-A=true"], ["-o", "json", "-A"]),
        (["-A=false", "--all-namespaces=false"], []),
        (["--dry-run"], ["--dry-run", "client"]),
        (["--dry-run=server"], ["--dry-run", "server"]),
        (["--dry-run", "deploy"], ["--dry-run", "client", "deploy"]),
        (["-v"], ["-v", "1"]),
        (["-v=6"], ["-v", "6"]),
        (["-v", "6"], ["-v", "6"]),
        (["-v", "pods"], ["-v", "1", "pods"]),
        (["--", "-n=prod"], ["--", "-n=prod"]),
        (["deploy/cart", "-n="], ["deploy/cart", "-n", ""]),
        (["-f", "-"], ["-f", "-"]),
    ],
)
def test_normalised(typed: list[str], expected: list[str]) -> None:
    """What kubectl users type reaches Click as Click reads it."""
    assert normalised(typed, {**TAKES_VALUE, "-f": True}) == expected
