#!/usr/bin/env bash
# The grader of this action's own version, in a virtual environment of its own; or the one that is
# named. The output `command` is its path.
set -euo pipefail

if [[ -z ${GRADER_COMMAND:-} ]]; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "::error title=The grader needs Python 3.11::Use actions/setup-python before this step."
        exit 2
    }
    source=$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)
    python3 -m venv "$RUNNER_TEMP/grader"
    pip=("$RUNNER_TEMP/grader/bin/pip" install --quiet --disable-pip-version-check)
    locks=$source/grader/requirements
    group=run
    [[ ${FUZZ:-} != true ]] || group=fuzz # it holds all that run.txt does
    "${pip[@]}" --require-hashes --only-binary :all: --requirement "$locks/$group.txt" \
        --requirement "$locks/build.txt"
    "${pip[@]}" --no-deps --no-build-isolation --editable "$source"
    GRADER_COMMAND=$RUNNER_TEMP/grader/bin/grader
fi
echo "command=$GRADER_COMMAND" >>"$GITHUB_OUTPUT"
