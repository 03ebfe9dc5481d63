#!/usr/bin/env bash
# The virtual environment .venv with the grader and its tools; nothing to do where it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

python=${PYTHON:-python3}

if [[ .venv/.ready -nt pyproject.toml ]]; then exit 0; fi

command -v "$python" >/dev/null || stop "There is no $python." \
    "Install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop \
    "$python is version $("$python" -V 2>&1 | cut -d' ' -f2); the grader needs 3.11 or newer." \
    "Name another one: make setup PYTHON=python3.12"

step "Making the virtual environment .venv and installing the grader into it"
log=$(mktemp)
if [[ ! -x .venv/bin/pip ]]; then
    "$python" -m venv --clear .venv >"$log" 2>&1 || stop \
        "$python cannot make a virtual environment: $(tail -n 1 "$log")" \
        "Debian, Ubuntu: apt-get install python3-venv"
fi
# compat: a folder on the path; setuptools' own finder costs each start of Python 15 ms
quietly "$log" .venv/bin/pip install --quiet --editable '.[dev]' --config-settings editable_mode=compat
rm -f "$log"
touch .venv/.ready
step "The virtual environment is ready ($(elapsed))"
