#!/usr/bin/env bash
# Brings dev/docker-compose.yml up with the images that this machine has, and a password of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

# where it was kept before
[ -e dev/.env ] || ! grep -qs GRADER_DEV_PASSWORD .env || mv .env dev/.env
if ! grep -qs GRADER_DEV_PASSWORD dev/.env; then
    step "Drawing a password for the MySQL to look into (dev/.env, not committed)"
    printf 'GRADER_DEV_PASSWORD=%s\n' "$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')" >>dev/.env
fi
sed -i '/^GRADER_DEV_\(PYTHON\|MYSQL\|INDEX\)=/d' dev/.env
.venv/bin/python -m grader.cli.devenv >>dev/.env
docker compose --file dev/docker-compose.yml up --build --wait
step "Package index: http://127.0.0.1:4042/index/   MySQL: 127.0.0.1:33306, root, the password in dev/.env"
