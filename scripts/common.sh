# shellcheck shell=bash
# What the set-up scripts share. A step says what it does; one that fails says how to go on.

STARTED=$(date +%s)

step() { printf '==> %s\n' "$*"; }

# stop MESSAGE…: say what to do, and end with the code for "the platform is not ready".
stop() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    if (($#)); then printf '  %s\n' "$@" >&2; fi
    exit 3
}

# quietly LOG COMMAND…: run a command into a log, and show its end only where it fails.
quietly() {
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        tail -n 25 "$log" >&2
        stop "\`$*\` failed; its last lines are above." "The whole log is $log." \
            "Fix what it names and run the same command again: finished steps are not repeated."
    fi
}

elapsed() { printf '%s s' "$(($(date +%s) - STARTED))"; }
