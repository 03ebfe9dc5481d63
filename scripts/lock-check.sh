#!/usr/bin/env bash
# Whether the lock is older than a quarter of a year, or names a version with a known hole. Ends with 1
# where it does; both are always looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

most=${LOCK_DAYS:-90}
bad=0

if [[ $(git rev-parse --is-shallow-repository) == true ]]; then
    stop "A shallow clone does not tell how old the lock is." "Fetch the whole history: git fetch --unshallow"
fi
for lock in grader/requirements/*.txt dev/index/requirements.txt; do
    made=$(git log -1 --format=%ct -- "$lock")
    days=$((($(date +%s) - ${made:-$(date +%s)}) / 86400))
    if ((days > most)); then
        echo "$lock was made $days days ago, more than $most: run \`make lock\`." >&2
        bad=1
    fi
done

for lock in grader/requirements/{dev,build}.txt; do # dev.txt holds all that run.txt and fuzz.txt do
    # strict: what could not be looked up has not passed
    .venv/bin/pip-audit --strict --progress-spinner off --disable-pip --require-hashes \
        --requirement "$lock" || bad=1
done
exit "$bad"
