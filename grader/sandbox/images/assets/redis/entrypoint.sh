#!/bin/sh
# Starts Redis or Valkey as the usual image does: options alone (`--appendonly yes`) and a file of
# settings (`redis.conf`) are the server's, any other command is run as it is; root hands over to the
# server's own user; VALKEY_EXTRA_FLAGS are further options.
# With GRADER_PASSWORD the server has the grader's settings, an account `practical-exam-grader` that may
# do everything, and no other; its accounts are kept in a file of their own.
# With GRADER_SIGNALS, SIGUSR1 kills the server as a crash would, SIGUSR2 starts it again, and SIGHUP
# kills it, removes all that it has kept, accounts included, and starts it as if for the first time.
# Run within the container, `grader-guest PORT` starts one more server there, which keeps nothing, with the
# user of GUEST_ACCOUNT; `grader-guest-refusals PORT` writes its log of refused log-ins as JSON.
set -eu

SETTINGS=/usr/local/lib/grader/redis.conf
KEPT=/var/lib/grader-redis
ACCOUNTS=$KEPT/accounts/users.acl
GUESTS=$KEPT/guests
GUEST_SECONDS=5 # that a guest's server may take to start, or to answer

if command -v valkey-server >/dev/null 2>&1; then KIND=valkey; else KIND=redis; fi

# hand_over ARGUMENTS: begins again as the server's own user.
hand_over() {
    if command -v setpriv >/dev/null 2>&1; then
        exec setpriv --reuid="$KIND" --regid="$KIND" --clear-groups "$0" "$@"
    elif command -v gosu >/dev/null 2>&1; then
        exec gosu "$KIND" "$0" "$@"
    fi
    exec su-exec "$KIND" "$0" "$@"
}

# The grader's account; the hash of the password stands there, as Redis itself writes it. Nobody can log in as
# `default`, which is off; it keeps its rights because Redis 7.0 runs transactions with them that it reads
# from its log when it starts, and drops what they do not allow.
write_accounts() {
    hash=$(printf '%s' "$GRADER_PASSWORD" | sha256sum | cut -d ' ' -f 1)
    printf 'user default off ~* &* +@all\n' >"$1"
    printf 'user practical-exam-grader on #%s ~* &* +@all\n' "$hash" >>"$1"
}

guest() {
    folder=$GUESTS/$1
    mkdir -p "$folder"
    write_accounts "$folder/users.acl"
    printf '%s\n' "$GUEST_ACCOUNT" >>"$folder/users.acl"
    "$KIND-server" "$SETTINGS" --port "$1" --dir "$folder" --aclfile "$folder/users.acl" \
        --pidfile "$folder/pid" --daemonize yes --appendonly no --maxmemory 32mb --maxclients 200
    end=$(($(date +%s) + GUEST_SECONDS))
    until [ "$(ask_guest "$1" PING 2>/dev/null)" = '"PONG"' ]; do
        [ "$(date +%s)" -lt "$end" ] || exit 1
        sleep 0.01
    done
}

ask_guest() {
    port=$1
    shift
    REDISCLI_AUTH=$GRADER_PASSWORD timeout "$GUEST_SECONDS" "$KIND-cli" -p "$port" \
        --user practical-exam-grader --json "$@"
}

empty() {
    for pid in "$GUESTS"/*/pid; do
        [ ! -e "$pid" ] || kill -KILL "$(cat "$pid")" 2>/dev/null || true
    done
    find "$KEPT/data" "$KEPT/accounts" "$GUESTS" -mindepth 1 -delete
    write_accounts "$ACCOUNTS"
}

# obey COMMAND: runs the server and starts it again as signals say; ends as it does if it ends by itself.
obey() {
    server='' wanted=up killed='' emptied=''
    trap 'killed=yes wanted=down; kill -KILL "$server" 2>/dev/null || true' USR1
    trap 'wanted=up' USR2
    trap 'killed=yes wanted=up emptied=yes; kill -KILL "$server" 2>/dev/null || true' HUP
    while :; do
        if [ -n "$emptied" ]; then
            emptied=''
            empty
        fi
        "$@" &
        server=$!
        # a signal ends a wait; the server may run on
        while :; do
            status=0
            wait "$server" || status=$?
            kill -0 "$server" 2>/dev/null || break
        done
        [ -n "$killed" ] || exit "$status"
        killed=''
        until [ "$wanted" = up ]; do sleep 0.02; done
        killed=''
    done
}

main() {
    case ${1:-} in '' | -* | *.conf) set -- "$KIND-server" "$@" ;; esac
    case $1 in redis-server | valkey-server | */redis-server | */valkey-server | grader-guest*) ;; *) exec "$@" ;; esac
    umask 0077
    if [ "$(id -u)" = 0 ]; then
        mkdir -p "$KEPT/accounts" "$KEPT/data" "$GUESTS"
        chown -R "$KIND" "$KEPT"
        find . ! -user "$KIND" -exec chown "$KIND" {} +
        hand_over "$@"
    fi
    case $1 in
        grader-guest)
            guest "$2"
            exit
            ;;
        grader-guest-refusals)
            ask_guest "$2" ACL LOG 1000
            exit
            ;;
    esac
    if [ -n "${GRADER_PASSWORD:-}" ]; then
        [ -e "$ACCOUNTS" ] || write_accounts "$ACCOUNTS"
        shift
        set -- "$KIND-server" "$SETTINGS" --dir "$KEPT/data" --aclfile "$ACCOUNTS" "$@"
    else
        command=$1
        shift
        settings=''
        case ${1:-} in '' | -*) ;; *)
            settings=$1
            shift
            ;;
        esac
        # the usual image lets everybody in where the settings say nothing of it
        if [ -z "$settings" ] || ! grep -qi '^[[:space:]]*protected-mode' "$settings"; then
            set -- --protected-mode no "$@"
        fi
        # shellcheck disable=SC2086  # these are words
        set -- "$command" ${settings:+"$settings"} "$@" ${VALKEY_EXTRA_FLAGS:-}
    fi
    [ -n "${GRADER_SIGNALS:-}" ] || exec "$@"
    obey "$@"
}

trap 'exit 143' TERM INT
main "$@"
