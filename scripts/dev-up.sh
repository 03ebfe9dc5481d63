#!/usr/bin/env bash
# Brings docker-compose.yml up with the images that this machine has, and a password of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

if ! grep -qs GRADER_DEV_PASSWORD .env; then
    step "Drawing a password for the MySQL to look into (.env, not committed)"
    printf 'GRADER_DEV_PASSWORD=%s\n' "$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')" >>.env
fi
sed -i '/^GRADER_DEV_\(PYTHON\|MYSQL\|INDEX\)=/d' .env
.venv/bin/python -m grader.cli.devenv >>.env
docker compose up --build --wait
step "Package index: http://127.0.0.1:4042/index/   MySQL: 127.0.0.1:33306, root, the password in .env"
