#!/bin/bash
# Starts RabbitMQ as the usual image does: root hands over to the server's own user, any command but
# `rabbitmq-server` is run as it is.
# With GRADER_SIGNALS, it is a server of the grader's: its settings are those of the grader, its administrator
# `practical-exam-grader` has the password whose hash is GRADER_PASSWORD_HASH, and there is no other account. SIGUSR1
# kills the server as a crash would, and SIGUSR2 starts it again.
set -euo pipefail

KEPT=/var/lib/grader-rabbitmq
DEFINITIONS=$KEPT/definitions.json
PLUGINS=$KEPT/enabled_plugins

# hand_over COMMAND: what root is asked to do, the server's user does.
hand_over() {
    if [[ $(id -u) != 0 ]]; then exec "$@"; fi
    if setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups true 2>/dev/null; then
        exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$@"
    elif command -v gosu >/dev/null 2>&1; then
        exec gosu rabbitmq "$@"
    fi
    exec su-exec rabbitmq "$@"
}

set_up_grader() {
    install -d -o rabbitmq -g rabbitmq -m 700 "$KEPT"
    chown rabbitmq:rabbitmq "$KEPT/data"
    printf '[rabbitmq_management].\n' >"$PLUGINS"
    printf '{"users": [{"name": "practical-exam-grader", "password_hash": "%s", "hashing_algorithm": "%s", "tags": "%s"}]}\n' \
        "${GRADER_PASSWORD_HASH:?}" rabbit_password_hashing_sha256 administrator >"$DEFINITIONS"
    chown rabbitmq:rabbitmq "$DEFINITIONS" "$PLUGINS"
    unset GRADER_PASSWORD_HASH
}

# The server's name and doors between nodes are within the container alone; it does not spin while it waits.
export_settings() {
    export HOME=$KEPT RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_CONF_ENV_FILE=/dev/null
    export RABBITMQ_CONFIG_FILE=/usr/local/lib/grader/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$KEPT/none RABBITMQ_CONFIG_FILES=$KEPT/none.d
    export RABBITMQ_ENABLED_PLUGINS_FILE=$PLUGINS RABBITMQ_MNESIA_BASE=$KEPT/data RABBITMQ_LOG_BASE=$KEPT
    export ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP=/dev/null ERL_CRASH_DUMP_BYTES=0
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1} -rabbit memory_monitor_interval 250'
}

# obey: runs the server and starts it again as signals say; ends as it does if it ends by itself.
obey() {
    local server='' wanted=up killed='' status=0 nothing
    exec {nothing}<> <(:)
    # its children outlive it by a moment, and hold its ports
    trap 'killed=yes wanted=down; kill -KILL -1 2>/dev/null || true' USR1
    trap 'wanted=up' USR2
    while :; do
        (hand_over rabbitmq-server) &
        server=$!
        # a signal ends a wait; the server may run on
        while status=0; wait "$server" || status=$?; kill -0 "$server" 2>/dev/null; do :; done
        [[ -n $killed ]] || exit "$status"
        killed=''
        # looked for again and again, as a signal may come between a look and a wait
        until [[ $wanted == up ]]; do read -rt 0.02 -u "$nothing" || true; done
    done
}

main() {
    [[ ${1:-} == -* || $# == 0 ]] && set -- rabbitmq-server "$@"
    [[ $1 == rabbitmq-server ]] || exec "$@"
    if [[ -n ${GRADER_SIGNALS:-} ]]; then
        [[ -e $DEFINITIONS ]] || set_up_grader
        export_settings
        trap 'exit 143' TERM INT
        obey
    fi
    [[ $(id -u) != 0 ]] || find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq {} +
    hand_over "$@"
}

main "$@"
