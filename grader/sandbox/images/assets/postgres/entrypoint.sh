#!/bin/bash
# Starts PostgreSQL from a data folder that was initialised when the image was built.
#
# It understands the variables of the usual PostgreSQL image (POSTGRES_PASSWORD, POSTGRES_USER,
# POSTGRES_DB, POSTGRES_INITDB_ARGS, each also as NAME_FILE, POSTGRES_INITDB_WALDIR,
# POSTGRES_HOST_AUTH_METHOD, PGDATA) and runs /docker-entrypoint-initdb.d once. A first start that was
# killed is begun again.
# With GRADER_PASSWORD, each start makes sure of two accounts of the grader's, which may read all data and
# change rows, and the log says from where log-ins come that are refused.
# With GRADER_SIGNALS, it is a server of the grader's: its settings are those of grader.conf, SIGUSR1
# kills the server as a crash would, and SIGUSR2 starts it again.
set -euo pipefail

STORE=/usr/local/share/grader-postgres
SCRIPTS=/docker-entrypoint-initdb.d
UNFINISHED=.grader-first-start
READER=practical-exam-grader
WRITER=practical-exam-grader-writer

note() { printf 'grader-postgres: %s\n' "$*" >&2; }
die() { note "$*"; exit 1; }

# from_file NAME: sets NAME from the file that NAME_FILE names.
from_file() {
    local name=$1 file_name=$1_FILE
    if [[ -n ${!name:-} && -n ${!file_name:-} ]]; then
        die "$name and $file_name are both set; set one of them."
    fi
    if [[ -n ${!file_name:-} ]]; then
        [[ -r ${!file_name} ]] || die "$file_name names ${!file_name}, which cannot be read."
        export "$name=$(<"${!file_name}")"
    fi
}

# as_postgres COMMAND: what root is asked to do, the server's user does.
as_postgres() {
    if [[ $(id -u) != 0 ]]; then "$@"; else setpriv "${AS[@]}" "$@"; fi
}

AS=(--reuid=postgres --regid=postgres --init-groups)
if ! setpriv "${AS[@]}" true 2>/dev/null; then # Alpine's setpriv changes no user
    setpriv() { shift 3; su-exec postgres "$@"; }
fi

read_environment() {
    local name
    for name in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS; do
        from_file "$name"
    done
    POSTGRES_USER=${POSTGRES_USER:-postgres}
    POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
    METHOD=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    if [[ -z ${POSTGRES_PASSWORD:-} && $METHOD != trust ]]; then
        die 'The superuser has no password. Set POSTGRES_PASSWORD to one, or' \
            'POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without any.'
    fi
}

own_data_folder() {
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" 2>/dev/null || true
    if [[ $(id -u) == 0 ]]; then
        find "$PGDATA" \! -user postgres -exec chown postgres {} +
    fi
}

# text VALUE: an SQL string literal. name VALUE: a quoted SQL identifier.
text() { local value=${1//\\/\\\\}; printf "E'%s'" "${value//\'/\'\'}"; }
name() { printf '"%s"' "${1//\"/\"\"}"; }

# alone [DATABASE]: runs statements, each ended by a semicolon and an empty line, on a server that nobody
# can reach.
alone() {
    as_postgres postgres --single -j -D "$PGDATA" -c fsync=off -c log_min_messages=error \
        -c exit_on_error=on "${1:-postgres}" >/dev/null
}

accounts() {
    # what only a server of the grader's has
    if [[ -z ${POSTGRES_INITDB_ARGS:-}${POSTGRES_INITDB_WALDIR:-} ]]; then
        printf 'DROP EXTENSION IF EXISTS pg_stat_statements;\n\n'
        printf 'GRANT CONNECT, TEMPORARY ON DATABASE postgres TO PUBLIC;\n\n'
        printf 'GRANT CONNECT ON DATABASE template1 TO PUBLIC;\n\n'
    fi
    printf 'ALTER ROLE postgres PASSWORD %s;\n\n' "$(text "${POSTGRES_PASSWORD:-}")"
    # a session cannot rename its own user otherwise
    if [[ $POSTGRES_USER != postgres ]]; then
        printf 'UPDATE pg_catalog.pg_authid SET rolname = %s WHERE oid = 10;\n\n' \
            "$(text "$POSTGRES_USER")"
    fi
    if [[ $POSTGRES_DB != postgres ]]; then
        printf 'CREATE DATABASE %s;\n\n' "$(name "$POSTGRES_DB")"
    fi
}

fill_data_folder() {
    if [[ -n ${POSTGRES_INITDB_ARGS:-}${POSTGRES_INITDB_WALDIR:-} ]]; then
        note 'initdb is given arguments, so a new data folder is made (some seconds).'
        [[ -z ${POSTGRES_INITDB_WALDIR:-} ]] ||
            POSTGRES_INITDB_ARGS+=" --waldir=$POSTGRES_INITDB_WALDIR"
        # they are words, as with the usual image
        eval "as_postgres initdb --username=postgres --auth=trust --no-sync" \
            "--pgdata=\"\$PGDATA\" ${POSTGRES_INITDB_ARGS:-} >/dev/null"
    elif [[ $(id -u) == 0 ]]; then
        : >"$PGDATA/$UNFINISHED"
        cp -a "$STORE/data/." "$PGDATA/"
    else
        initdb --username=postgres --auth=trust --no-sync --pgdata="$PGDATA" >/dev/null
    fi
    : >"$PGDATA/$UNFINISHED"
    accounts | alone
    printf '\nhost all all all %s\n' "$METHOD" >>"$PGDATA/pg_hba.conf"
}

# What scripts in /docker-entrypoint-initdb.d call.
docker_process_sql() {
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password \
        --no-psqlrc --dbname "$POSTGRES_DB" "$@"
}

run_script() {
    case $1 in
        *.sh)
            note "running $1"
            # one that is sourced may name variables that are not set, as with the usual image
            # shellcheck disable=SC1090  # the scripts are given at run time
            if [[ -x $1 ]]; then "$1"; else set +u; . "$1"; set -u; fi
            ;;
        *.sql) note "running $1"; docker_process_sql -f "$1" ;;
        *.sql.gz) note "running $1"; gunzip -c "$1" | docker_process_sql ;;
        *.sql.xz) note "running $1"; xzcat "$1" | docker_process_sql ;;
        *.sql.zst) note "running $1"; zstd -dc "$1" | docker_process_sql ;;
        *) note "ignoring $1" ;;
    esac
}

# Runs the init scripts on a server that nobody can reach over the network yet.
run_scripts() {
    local script options
    options=$(printf '%q ' "$@" -c "listen_addresses=" -p "${PGPORT:-5432}")
    export PGUSER=${PGUSER:-$POSTGRES_USER} PGPASSWORD=${PGPASSWORD:-${POSTGRES_PASSWORD:-}}
    as_postgres pg_ctl -D "$PGDATA" -o "$options" -w start >&2
    for script in "$SCRIPTS"/*; do run_script "$script"; done
    as_postgres pg_ctl -D "$PGDATA" -m fast -w stop >&2
    unset PGUSER PGPASSWORD
}

# The grader's own accounts, whatever those of the submission are called. No role reads all data before 14.
grader_accounts() {
    local account major
    major=$(postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    printf "SET password_encryption = 'scram-sha-256';\n\n"
    for account in "$READER" "$WRITER"; do
        # shellcheck disable=SC2016  # these are SQL's quotes
        printf 'DO $do$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN NULL; END $do$;\n\n' \
            "$(name "$account")"
        printf 'ALTER ROLE %s LOGIN CONNECTION LIMIT 5 PASSWORD %s;\n\n' "$(name "$account")" "$(text "$1")"
        if ((major < 14)); then
            printf 'ALTER ROLE %s SUPERUSER;\n\n' "$(name "$account")"
        else
            printf 'GRANT pg_read_all_data TO %s;\n\n' "$(name "$account")"
        fi
    done
    ((major < 14)) || printf 'GRANT pg_write_all_data TO %s;\n\n' "$(name "$WRITER")"
}

# let_grader_in PASSWORD: whatever the submission's rules for log-ins say. Nothing of it keeps the server
# from starting.
let_grader_in() {
    local rules=$PGDATA/pg_hba.conf rule
    rule=$(printf 'host all %s,%s all scram-sha-256' "$(name "$READER")" "$(name "$WRITER")")
    rm -f "$PGDATA/postmaster.pid" # of a server that was killed: none runs in this container yet
    grader_accounts "$1" | alone template1 || note 'the grader could not be let in.'
    grep -qxF -e "$rule" "$rules" || printf '%s\n%s\n' "$rule" "$(<"$rules")" >"$rules"
}

# A server of the grader's has an administrator with a password that no other has.
set_up_grader() {
    printf 'ALTER ROLE postgres PASSWORD %s;\n\n' "$(text "${POSTGRES_PASSWORD:?}")" | alone
    : >"$STORE/set-up"
    unset POSTGRES_PASSWORD
}

# obey COMMAND: runs the server and starts it again as signals say; ends as it does if it ends by itself.
obey() {
    local server='' wanted=up killed='' status=0 nothing
    exec {nothing}<> <(:)
    # its children outlive it by a moment, and hold its memory
    trap 'killed=yes wanted=down; kill -KILL -1 2>/dev/null || true' USR1
    trap 'wanted=up' USR2
    while :; do
        "$@" &
        server=$!
        # a signal ends a wait; the server may run on
        while status=0; wait "$server" || status=$?; kill -0 "$server" 2>/dev/null; do :; done
        [[ -n $killed ]] || exit "$status"
        killed=''
        # looked for again and again, as a signal may come between a look and a wait
        until [[ $wanted == up ]]; do read -rt 0.02 -u "$nothing" || true; done
        rm -f "$PGDATA/postmaster.pid"
    done
}

first_start() {
    if [[ -e $PGDATA/$UNFINISHED ]]; then
        note 'the first start was cut short; it is repeated.'
        find "$PGDATA" -mindepth 1 -not -name lost+found -delete
    fi
    [[ ! -s $PGDATA/PG_VERSION ]]
}

wants_help() {
    local argument
    for argument in "$@"; do
        case $argument in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
    done
    return 1
}

main() {
    [[ ${1:-} == -* || $# == 0 ]] && set -- postgres "$@"
    if [[ $1 != postgres ]] || wants_help "$@"; then exec "$@"; fi
    if [[ -n ${GRADER_SIGNALS:-} ]]; then
        export PGDATA=$STORE/data
        [[ -e $STORE/set-up ]] || set_up_grader
        trap 'exit 143' TERM INT
        obey setpriv "${AS[@]}" postgres -c config_file="$STORE/grader.conf"
    fi
    local grader=${GRADER_PASSWORD:-}
    unset GRADER_PASSWORD
    : "${PGDATA:=/var/lib/postgresql/data}"
    export PGDATA
    umask 077
    own_data_folder
    if first_start; then
        read_environment
        fill_data_folder
        if compgen -G "$SCRIPTS/*" >/dev/null; then run_scripts "${@:2}"; fi
        rm -f "$PGDATA/$UNFINISHED"
    fi
    if [[ -n $grader ]]; then
        let_grader_in "$grader"
        set -- "$@" -c log_line_prefix='%m/%p/%l %h %i '
    fi
    [[ $(id -u) != 0 ]] || exec setpriv "${AS[@]}" "$@"
    exec "$@"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
