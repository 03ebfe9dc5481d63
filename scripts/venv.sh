#!/usr/bin/env bash
# The virtual environment .venv with the grader and its tools, exactly as the lock says; nothing to do
# where it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

python=${PYTHON:-python3}
locks=grader/requirements

command -v "$python" >/dev/null || stop "There is no $python." \
    "Install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop \
    "$python is version $("$python" -V 2>&1 | cut -d' ' -f2); the grader needs 3.11 or newer." \
    "Name another one: make setup PYTHON=python3.12"

# .ready holds what the environment was made from: a file's date alone says little after a checkout.
digest() { # of files, by Python: sha256sum is not on every system
    "$python" -c 'import hashlib, sys
print(hashlib.sha256(b"".join(open(name, "rb").read() for name in sys.argv[1:])).hexdigest())' "$@"
}
lock=$(digest "$locks/dev.txt" "$locks/build.txt")
made="$lock $(digest pyproject.toml)"
ready=$(cat .venv/.ready 2>/dev/null || true)
if [[ $ready == "$made" ]]; then
    touch .venv/.ready # for make, which compares dates
    exit 0
fi

step "Making the virtual environment .venv and installing the grader into it"
log=$(mktemp)
if [[ ! -x .venv/bin/pip || ${ready%% *} != "$lock" ]]; then
    # emptied: pip takes nothing away that an older lock had
    "$python" -m venv --clear .venv >"$log" 2>&1 || stop \
        "$python cannot make a virtual environment: $(tail -n 1 "$log")" \
        "Debian, Ubuntu: apt-get install python3-venv"
    quietly "$log" .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --requirement "$locks/dev.txt" --requirement "$locks/build.txt"
fi
# compat: a folder on the path; setuptools' own finder costs each start of Python 15 ms
quietly "$log" .venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable . --config-settings editable_mode=compat
rm -f "$log"
printf '%s\n' "$made" >.venv/.ready
step "The virtual environment is ready ($(elapsed))"
