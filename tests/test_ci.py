"""What strangers paste into their repositories is run here, as far as no service of others is needed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_meshfix.governance.config import parse_settings

ROOT = Path(__file__).parent.parent
PASTED = {
    name: text
    for page in ("ci.md", "configuration.md")
    for name, text in re.findall(r"^```yaml (\S+)\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.MULTILINE | re.DOTALL)
}
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


REVIEWS = """\
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {selector: {app: reviews}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v2, namespace: shop}
spec:
  selector: {matchLabels: {app: reviews, version: v2}}
  template:
    metadata: {labels: {app: reviews, version: v2}}
    spec: {containers: [{name: reviews, image: "reviews:2"}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: shop}
spec:
  host: reviews
  subsets:
  - name: v1
    labels: {version: v1}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: {host: reviews, subset: v2}
"""
"""A subset that is missing, and that its siblings tell how to define: a safe fix."""


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """A checkout with the example shop in ``deploy``."""
    shutil.copytree(ROOT / "examples" / "shop", tmp_path / "deploy")
    (tmp_path / "deploy" / "reviews.yaml").write_text(REVIEWS)
    (tmp_path / "broken file.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{name: fax, port: 80}]}\n"
    )
    return tmp_path


def bash(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A script as GitHub's and GitLab's runners start it, with the installed command on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI_"))}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**clean, "PATH": path, "HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        check=False,
    )


def diagnose_step(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The action's last step, its inputs given as a workflow would."""
    step = ACTION["runs"]["steps"][-1]
    values = {name: inputs.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}
    env = {key: values[re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", text)[1]] for key, text in step["env"].items()}  # type: ignore[index]
    return bash(step["run"], folder, **env, GITHUB_STEP_SUMMARY=str(folder / "summary.md"), GITHUB_WORKSPACE=str(folder))


def test_action_annotates_sums_up_and_fails(deploy: Path) -> None:
    """The step prints annotations named from the checkout's root, appends a summary, writes SARIF, and fails for what is wrong."""
    (deploy / "summary.md").write_text("before\n")

    done = diagnose_step(deploy, files="deploy\n", sarif="meshfix.sarif")

    assert done.returncode == 1
    assert "::error title=MF102 udp-name-on-tcp-port,file=deploy/cart.yaml,line=15" in done.stdout
    assert (deploy / "summary.md").read_text().startswith("before\n## kubectl-meshfix\n")
    results = json.loads((deploy / "meshfix.sarif").read_text())["runs"][0]["results"]
    assert len(results) == done.stdout.count("::") // 2


def test_action_hands_its_inputs_on(deploy: Path) -> None:
    """Several files, one with a space in its name, and every other input reach the command."""
    (deploy / "team.yaml").write_text("select: MF1\n")
    both = diagnose_step(deploy, files="deploy\nbroken file.yaml", config="team.yaml", **{"fail-on": "never"})
    assert both.returncode == 0
    assert "broken file.yaml" in both.stdout
    assert "MF2" not in both.stdout
    assert "Settings: team.yaml" in both.stderr

    bash("kubectl-meshfix diagnose -f deploy -R --write-baseline known.json", deploy)
    assert diagnose_step(deploy, files="deploy", baseline="known.json").returncode == 0


def test_action_passes_errors_on(deploy: Path) -> None:
    """A wrong input fails the step with the command's own sentence and no summary; text in an input is never run."""
    done = diagnose_step(deploy, files="$(touch hacked)`touch hacked`; touch hacked")

    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert not (deploy / "summary.md").exists()
    assert not (deploy / "hacked").exists()


def test_action_never_splices_inputs_into_scripts() -> None:
    """Inputs reach the scripts as environment variables, so that what a pull request writes is never a command."""
    assert not any("${{" in step.get("run", "") for step in ACTION["runs"]["steps"])


@pytest.mark.parametrize(("hook", "changed"), [("meshfix", False), ("meshfix-fix", True)])
def test_hooks(deploy: Path, hook: str, changed: bool) -> None:
    """The one hook fails for what is wrong and changes nothing; the other changes the manifests, which makes pre-commit stop."""
    before = (deploy / "deploy" / "reviews.yaml").read_text()
    arguments = PASTED_HOOK["args"] if hook == "meshfix" else HOOKS[hook]["args"]

    done = bash(f"{HOOKS[hook]['entry']} {' '.join(arguments)}", deploy, XDG_STATE_HOME=str(deploy / "state"))

    assert done.returncode == (0 if changed else 1), done.stderr
    assert ((deploy / "deploy" / "reviews.yaml").read_text() != before) is changed


def test_the_hook_of_expectations(deploy: Path) -> None:
    """It fails where one does not hold, and not for the first file that is written of what is there."""
    arguments = " ".join(HOOKS["meshfix-test"]["args"])
    (deploy / "mesh-tests").mkdir()

    written = bash("kubectl-meshfix test --init mesh-tests/first.yaml -f . -R", deploy)
    assert written.returncode == 0, written.stderr
    assert bash(f"{HOOKS['meshfix-test']['entry']} {arguments}", deploy).returncode == 0
    (deploy / "mesh-tests" / "own.yaml").write_text("tests: [{workload: deploy/reviews-v2, namespace: shop, injected: false}]\n")
    assert bash(f"{HOOKS['meshfix-test']['entry']} {arguments}", deploy).returncode == 1


PASTED_HOOK: dict[str, Any] = yaml.safe_load(PASTED[".pre-commit-config.yaml"])["repos"][0]["hooks"][0]


def test_pasted_hook_is_one_of_ours() -> None:
    """The hook that the page names exists."""
    assert PASTED_HOOK["id"] in HOOKS


def test_pasted_workflow_uses_inputs_that_there_are() -> None:
    """The workflow on the page gives the action only what it takes."""
    steps = yaml.safe_load(PASTED[".github/workflows/meshfix.yaml"])["jobs"]["diagnose"]["steps"]
    (ours,) = (step for step in steps if "kubectl-meshfix" in step["uses"])

    assert set(ours["with"]) <= set(ACTION["inputs"])


def test_pasted_gitlab_job(deploy: Path) -> None:
    """The job's own command writes the report that it hands over, and fails for what is wrong."""
    job = yaml.safe_load(PASTED[".gitlab-ci.yml"])["meshfix"]
    install, *commands = job["script"]
    assert install == 'pip install --quiet "$MESHFIX"'

    done = bash("\n".join(commands), deploy, CI_PROJECT_DIR=str(deploy))

    assert done.returncode == 1
    report = json.loads((deploy / job["artifacts"]["reports"]["codequality"]).read_text())
    assert {"deploy/cart.yaml"} <= {row["location"]["path"] for row in report}


def test_settings_on_the_page_are_settings() -> None:
    """The example of settings is understood, every key of it."""
    config = parse_settings(PASTED[".meshfix.yaml"], ".meshfix.yaml")

    assert config.settings.suppressions[0].expires == "2027-01-31"
