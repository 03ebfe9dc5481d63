#!/usr/bin/env bash
# All that a machine needs: virtual environment, engine, base images, package index. Each part is
# left alone where it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

scripts/venv.sh &
venv=$!
scripts/engine.sh || { code=$?; wait "$venv" || true; exit "$code"; }
wait "$venv"

# What the base images are made from decides whether they are up to date.
stamp=.venv/.images-$(docker version --format '{{.Server.Version}}')-$(
    docker info --format '{{.ID}}' | tr -c 'A-Za-z0-9\n' -
)
sources=(grader/sandbox/images grader/sandbox/images/assets grader/sandbox/images/*.py
    grader/sandbox/images/assets/*)
newest=$(stat -c '%Y' "${sources[@]}" | sort -n | tail -n 1)
if [[ ! -e $stamp || $(stat -c '%Y' "$stamp") -lt $newest ]] ||
    ! docker image inspect grader/tools:latest >/dev/null 2>&1; then
    if ! docker pull --quiet debian:bookworm-slim >/dev/null 2>&1 &&
        [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null && ! command -v mmdebstrap >/dev/null; then
        step "No image registry answers: installing mmdebstrap to make the base images"
        log=$(mktemp)
        quietly "$log" apt-get update
        quietly "$log" apt-get install -y --no-install-recommends mmdebstrap debian-archive-keyring
        rm -f "$log"
    fi
    # Of services, MySQL's alone: the others are made by the first run that needs them.
    step "Getting the base images (about a minute where no registry answers)"
    .venv/bin/grader images prepare --common
    touch "$stamp"
fi
.venv/bin/grader index start >/dev/null
if ((SECONDS > 2)); then step "Ready in $SECONDS s. The command is .venv/bin/grader"; fi
