"""Reports as the programs of their users read them.

What comes with npm is looked for in ``NODE_PATH``, as Node.js itself does (`.ci/run` puts it there).
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from junitparser import JUnitXml
from markdown_it import MarkdownIt


def module(path: str) -> Path | None:
    """A file of an installed npm package."""
    folders = (Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder)
    return next((folder / path for folder in folders if (folder / path).is_file()), None)


AXE = module("axe-core/axe.min.js")
SARIF = "@microsoft/sarif-multitool-linux"
SARIF_SCHEMA = module(f"{SARIF}/sarif-2.1.0.json")
SARIF_VALIDATOR = module(f"{SARIF}/Sarif.Multitool")


class Command(NamedTuple):
    """A workflow command: its name, its properties, its message."""

    name: str
    properties: dict[str, str]
    message: str


def github_commands(log: str) -> Iterator[Command]:
    """The commands that GitHub's runner takes out of a log (`actions/runner src/Runner.Common/ActionCommand.cs TryParseV2`)."""
    for line in log.splitlines():
        found = re.match(r"\s*::([^:\s]+)(?: (.*?))?::(.*)", line)
        if found:
            pairs = (pair.split("=", 1) for pair in (found[2] or "").split(",") if "=" in pair)
            properties = {key.strip(): _unescaped(value, "%0D\r", "%0A\n", "%3A:", "%2C,", "%25%") for key, value in pairs}
            yield Command(found[1], properties, _unescaped(found[3], "%0D\r", "%0A\n", "%25%"))


def _unescaped(text: str, *codes: str) -> str:
    for code in codes:
        text = text.replace(code[:3], code[3])
    return text


def junit_cases(text: str) -> list[Any]:
    """The cases of a JUnit report, by a library that CI systems read them with."""
    return [case for suite in JUnitXml.fromstring(text.encode()) for case in suite]


def markdown_rows(text: str) -> list[list[str]]:
    """The cells of the first table, rendered as GitHub would, tags left out."""
    rendered = MarkdownIt("commonmark").enable("table").render(text)
    rows = re.findall(r"<tr>(.*?)</tr>", rendered, re.DOTALL)
    return [[re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows[1:]]


def sarif_complaints(log: Path) -> list[str]:
    """The rules that Microsoft's validator finds broken, its own for SARIF and those of GitHub's code scanning."""
    found = []
    for rules in ("Sarif", "Gh"):
        output = log.with_suffix(f".{rules}.sarif")
        command = [str(SARIF_VALIDATOR), "validate", str(log), "--output", str(output), "--rule-kind", rules]
        environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
        found += [result["ruleId"] for result in json.loads(output.read_text())["runs"][0].get("results", [])]
    return found
