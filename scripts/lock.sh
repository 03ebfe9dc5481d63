#!/usr/bin/env bash
# The lock: exact versions with hashes of all that is installed, for each group of pyproject.toml, for
# Python 3.11 and newer on any system. It names no index: whoever installs has one of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

uv=${UV:-.venv/bin/uv}
command -v "$uv" >/dev/null || stop "There is no $uv." "Run \`make setup\` first; it brings uv."
folder=grader/requirements

export UV_CUSTOM_COMPILE_COMMAND="make lock"
# wheels only: what is built from source while it is installed is made by tools that no lock pins
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --only-binary :all: --upgrade \
        --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}

# The largest group first; the others have the same versions.
step "Locking $folder/dev.txt, fuzz.txt, portal.txt, run.txt and build.txt"
compile pyproject.toml --all-extras --output-file "$folder/dev.txt"
compile pyproject.toml --extra fuzz --constraint "$folder/dev.txt" --output-file "$folder/fuzz.txt"
compile pyproject.toml --extra portal --constraint "$folder/dev.txt" --output-file "$folder/portal.txt"
compile pyproject.toml --constraint "$folder/dev.txt" --output-file "$folder/run.txt"
.venv/bin/python -c 'import sys, tomllib
print(*tomllib.load(sys.stdin.buffer)["build-system"]["requires"], sep="\n")' <pyproject.toml |
    compile - --constraint "$folder/dev.txt" --output-file "$folder/build.txt"
step "Locking dev/index/requirements.txt, the package index on its own"
printf '%s\n' proxpi waitress |
    compile - --constraint "$folder/run.txt" --output-file dev/index/requirements.txt
step "Done ($(elapsed)). \`make setup\` installs it; \`make test\` says whether all works with it."
