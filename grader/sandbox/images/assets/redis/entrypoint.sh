#!/bin/sh
# Starts Redis or Valkey as the usual image does: options alone (`--appendonly yes`) and a file of
# settings (`redis.conf`) are the server's, any other command is run as it is; root hands over to the
# server's own user; VALKEY_EXTRA_FLAGS are further options.
# With GRADER_PASSWORD the server has the grader's settings, an account `practical-exam-grader` that may
# do everything, and no other; its accounts are kept in a file of their own.
# With GRADER_SIGNALS, SIGUSR1 kills the server as a crash would, SIGUSR2 starts it again, and SIGHUP
# kills it, removes all that it has kept, accounts included, and starts it as if for the first time.
set -eu

SETTINGS=/usr/local/lib/grader/redis.conf
KEPT=/var/lib/grader-redis
ACCOUNTS=$KEPT/accounts/users.acl

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

# The grader's account; the hash of the password stands there, as Redis itself writes it.
write_accounts() {
    hash=$(printf '%s' "$GRADER_PASSWORD" | sha256sum | cut -d ' ' -f 1)
    printf 'user default off resetchannels -@all\n' >"$ACCOUNTS"
    printf 'user practical-exam-grader on #%s ~* &* +@all\n' "$hash" >>"$ACCOUNTS"
}

empty() {
    find "$KEPT/data" "$KEPT/accounts" -mindepth 1 -delete
    write_accounts
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
    case $1 in redis-server | valkey-server | */redis-server | */valkey-server) ;; *) exec "$@" ;; esac
    umask 0077
    if [ "$(id -u)" = 0 ]; then
        mkdir -p "$KEPT/accounts" "$KEPT/data"
        chown -R "$KIND" "$KEPT"
        find . ! -user "$KIND" -exec chown "$KIND" {} +
        hand_over "$@"
    fi
    if [ -n "${GRADER_PASSWORD:-}" ]; then
        [ -e "$ACCOUNTS" ] || write_accounts
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
