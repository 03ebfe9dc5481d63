"""Runs the steps of a composite action as the runner of GitHub Actions does."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
EXPRESSION = re.compile(r"\$\{\{\s*(inputs|steps)\.([\w.-]+)\s*\}\}")
SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
"""What `shell: bash` stands for in a step."""


@dataclass(frozen=True)
class Ran:
    code: int
    outputs: dict[str, str]
    printed: str
    """Both streams of all steps."""
    summary: str


def action(name: str) -> dict[str, Any]:
    """The action in `.github/actions/NAME`."""
    text = (ROOT / ".github" / "actions" / name / "action.yml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def run_action(
    name: str, inputs: dict[str, str], scratch: Path, *, workspace: Path, **env: str
) -> Ran:
    """Run the action with `inputs`; the first step that fails ends it, as it does there."""
    described = action(name)
    given = {key: one.get("default", "") for key, one in described["inputs"].items()} | inputs
    missing = [key for key, one in described["inputs"].items() if one.get("required")]
    assert set(missing) <= set(inputs), "An input that is required is missing."
    scratch.mkdir(parents=True, exist_ok=True)
    summary, printed, code = scratch / "summary", "", 0
    steps: dict[str, dict[str, str]] = {}
    summary.touch()
    for number, step in enumerate(described["runs"]["steps"]):
        file = scratch / f"output-{number}"
        file.touch()
        script = scratch / f"step-{number}.sh"
        script.write_text(step["run"], "utf-8")
        done = subprocess.run(
            [*SHELL, str(script)],
            cwd=workspace,
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ.get("HOME", "/"),
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT / ".github" / "actions" / name),
                "GITHUB_OUTPUT": str(file),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(scratch),
                **env,
                **{key: _filled(text, given, steps) for key, text in step["env"].items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        printed += done.stdout
        steps[step["id"]] = _outputs(file)
        code = done.returncode
        if code:
            break
    outputs = {
        key: _filled(one["value"], given, steps) for key, one in described["outputs"].items()
    }
    return Ran(code, outputs, printed, summary.read_text("utf-8"))


def _filled(text: str, inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] == "inputs":
            return inputs[match[2]]
        step, _, output = match[2].partition(".outputs.")
        return steps.get(step, {}).get(output, "")

    return EXPRESSION.sub(value, str(text))


def _outputs(file: Path) -> dict[str, str]:
    """The lines `name=value` of a file of outputs; anything else the runner refuses."""
    lines = file.read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[a-z-]+=[^\r\n]*", line) for line in lines), lines
    return dict(line.split("=", 1) for line in lines)
