#!/usr/bin/env bash
# The help texts that tests pin, as the program prints them.
set -euo pipefail
cd "$(dirname "$0")/.."

export COLUMNS=100
folder=tests/functional/help
for command in '' list show start grade diagnose report receipt batch serve login submit worker compare secrets new check verify solution roadmap images index doctor \
    clean completion; do
    # shellcheck disable=SC2086  # an empty name is no argument
    .venv/bin/python -m grader $command --help >"$folder/${command:-grader}.txt"
done
