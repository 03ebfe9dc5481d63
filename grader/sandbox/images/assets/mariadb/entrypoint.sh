#!/bin/bash
# Starts MariaDB from a data folder that was initialised when the image was built.
#
# It understands the variables of the official image (MARIADB_ROOT_PASSWORD, MARIADB_DATABASE,
# MARIADB_USER, MARIADB_PASSWORD, …, each also with MYSQL_ in front and as NAME_FILE) and runs
# /docker-entrypoint-initdb.d once. Accounts and database are made by the server's --init-file before
# it accepts its first connection. The init file's last statement makes the table
# sys.grader_initialised; its file in the data folder says that the first start came to its end. A
# first start that was killed is begun again.
# With GRADER_PASSWORD, each start makes sure of an account `practical-exam-grader` that may do everything.
# With GRADER_SIGNALS, it is a server of the grader's: that account is its only one over the network,
# its data folder is used where it lies, SIGUSR1 kills the server as a crash would, and SIGUSR2 starts
# it again.
set -euo pipefail

STORE=/usr/local/share/grader-mariadb
RUNTIME=/var/run/mysqld
INIT_FILE=$RUNTIME/grader-init.sql
CLIENT_FILE=$RUNTIME/grader-client.cnf
SCRIPTS=/docker-entrypoint-initdb.d
NAMES=(ROOT_PASSWORD ROOT_PASSWORD_HASH ROOT_HOST DATABASE USER PASSWORD PASSWORD_HASH
    ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD INITDB_SKIP_TZINFO)
# Options that are fixed when a data folder is initialised: with these it is not copied but made.
FIXED='lower[-_]case[-_]table[-_]names|innodb[-_]page[-_]size|innodb[-_]data[-_]file[-_]path|innodb[-_]undo'
# Said last, so that nothing given to the container switches them back on.
CLOSED=(--local-infile=0 --symbolic-links=0)
# Nobody can write into the one folder where SQL may read and write files.
SECURE=("${CLOSED[@]}" --secure-file-priv="$STORE/nothing")

mysql_note() { printf '[Note] [Entrypoint]: %s\n' "$*" >&2; }
mysql_warn() { printf '[Warn] [Entrypoint]: %s\n' "$*" >&2; }
mysql_error() { printf '[ERROR] [Entrypoint]: %s\n' "$*" >&2; exit 1; }

# file_env NAME: sets NAME from the file that NAME_FILE names.
file_env() {
    local name=$1 file_name=$1_FILE
    if [[ -n ${!name:-} && -n ${!file_name:-} ]]; then
        mysql_error "Both $name and $file_name are set (but are exclusive)"
    fi
    if [[ -n ${!file_name:-} ]]; then
        [[ -r ${!file_name} ]] || mysql_error "$file_name names ${!file_name}, which cannot be read."
        export "$name=$(<"${!file_name}")"
    fi
    unset "$file_name"
}

# Sets MARIADB_NAME for each of NAMES, from what the older MYSQL_NAME says where it is not set itself.
read_environment() {
    local name new old
    for name in "${NAMES[@]}"; do
        new=MARIADB_$name old=MYSQL_${name/EMPTY_ROOT/EMPTY}
        file_env "$new"
        file_env "$old"
        export "$new=${!new:-${!old:-}}"
    done
    if [[ -n $MARIADB_RANDOM_ROOT_PASSWORD ]]; then
        MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
        mysql_note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
    fi
    if [[ -z $MARIADB_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD_HASH$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD ]]; then
        mysql_error 'Database is uninitialized and password option is not specified. You need to specify' \
            'one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD' \
            'and MARIADB_RANDOM_ROOT_PASSWORD'
    fi
    if [[ $MARIADB_USER == root ]]; then
        mysql_error 'MARIADB_USER is root, which exists already; name another user, or set none.'
    fi
    if [[ -n $MARIADB_USER && -z $MARIADB_PASSWORD$MARIADB_PASSWORD_HASH ]]; then
        mysql_error 'MARIADB_USER is set, and neither MARIADB_PASSWORD nor MARIADB_PASSWORD_HASH is.'
    fi
    HEALTH_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
}

# text VALUE: an SQL string literal. name VALUE: a quoted SQL identifier.
text() {
    local value=${1//\\/\\\\}
    value=${value//\'/\\\'}
    printf "'%s'" "${value//$'\n'/\\n}"
}
# shellcheck disable=SC2016  # these are SQL's quotes
name() { printf '`%s`' "${1//\`/\`\`}"; }

account() { printf '%s@%s' "$(text "$1")" "$(text "$2")"; }

# identified PASSWORD HASH: how an account is told from others.
identified() {
    if [[ -n $2 ]]; then printf 'IDENTIFIED BY PASSWORD %s' "$(text "$2")"; else printf 'IDENTIFIED BY %s' "$(text "$1")"; fi
}

init_statements() {
    local secret host=${MARIADB_ROOT_HOST:-%} user
    secret=$(identified "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD_HASH")
    printf 'ALTER USER %s %s;\n' "$(account root localhost)" "$secret"
    if [[ $host != localhost ]]; then
        printf 'CREATE USER %s %s;\n' "$(account root "$host")" "$secret"
        printf 'GRANT ALL ON *.* TO %s WITH GRANT OPTION;\n' "$(account root "$host")"
    fi
    for host in localhost 127.0.0.1 ::1; do
        printf 'CREATE USER IF NOT EXISTS %s IDENTIFIED BY %s;\n' "$(account healthcheck "$host")" \
            "$(text "$HEALTH_PASSWORD")"
    done
    if [[ -n $MARIADB_DATABASE ]]; then
        printf 'CREATE DATABASE IF NOT EXISTS %s;\n' "$(name "$MARIADB_DATABASE")"
    fi
    if [[ -n $MARIADB_USER ]]; then
        user=$(account "$MARIADB_USER" %)
        printf 'CREATE USER %s %s;\n' "$user" "$(identified "$MARIADB_PASSWORD" "$MARIADB_PASSWORD_HASH")"
        if [[ -n $MARIADB_DATABASE ]]; then
            # An underscore in a grant stands for any character unless it is escaped.
            printf 'GRANT ALL ON %s.* TO %s;\n' "$(name "${MARIADB_DATABASE//_/\\_}")" "$user"
        fi
    fi
}

# The grader's own account, whatever those of the submission are called.
grader_statements() {
    local grader password
    [[ -n ${GRADER_PASSWORD:-} ]] || return 0
    grader=$(account practical-exam-grader %) password=$(text "$GRADER_PASSWORD")
    printf 'CREATE USER IF NOT EXISTS %s IDENTIFIED BY %s;\n' "$grader" "$password"
    printf 'ALTER USER %s IDENTIFIED BY %s;\n' "$grader" "$password"
    printf 'GRANT ALL ON *.* TO %s WITH GRANT OPTION;\n' "$grader"
}

# A server of the grader's has that account alone.
start_grader() {
    printf "ALTER USER 'root'@'localhost' ACCOUNT LOCK;\n"
    printf "CREATE USER IF NOT EXISTS 'practical-exam-grader'@'%%' IDENTIFIED BY '%s';\n" "${GRADER_PASSWORD:?}"
    printf "GRANT ALL ON *.* TO 'practical-exam-grader'@'%%' WITH GRANT OPTION;\n"
}

FINISHED='CREATE TABLE sys.grader_initialised (id INT PRIMARY KEY) ENGINE=InnoDB;'

# data_folder ARGUMENTS: the folder that the server's arguments name, else the usual one.
data_folder() {
    local argument folder=/var/lib/mysql
    for argument in "$@"; do
        [[ $argument == --datadir=* ]] && folder=${argument#*=}
    done
    printf '%s' "${folder%/}"
}

# server_option NAME ARGUMENTS: the value that files of settings or the server's arguments give to an
# option; nothing where they give none.
server_option() {
    local name=${1//-/[-_]}
    shift
    { my_print_defaults --mysqld; printf '%s\n' "$@"; } | sed -nE "s/^--(loose[-_])?$name=//p" | tail -n 1
}

# own_init_file ARGUMENTS: what the student's settings have the server run at each start.
own_init_file() {
    local file
    file=$(server_option init-file "$@")
    [[ -n $file ]] || return 0
    [[ -r $file && -f $file ]] ||
        mysql_error "The server's init-file is $file, which cannot be read: there is no such file."
    cat "$file"
    # a last statement need not be ended there; it must be before others
    grep -vE '^[[:space:]]*(--|#|$)' "$file" | tail -n 1 | grep -qE ';[[:space:]]*$' || printf ';'
    printf '\n'
}

# named_zone ARGUMENTS: the time zone that the server's settings name, where it is none like `+02:00`.
named_zone() {
    local zone
    zone=$(server_option default-time-zone "$@")
    [[ $zone != [A-Za-z]* || $zone == SYSTEM || $zone == *..* || ! -f /usr/share/zoneinfo/$zone ]] ||
        printf '%s' "$zone"
}

# Whether the arguments, or files of settings that were mounted, fix what the ready folder has otherwise.
custom_layout() {
    local argument
    for argument in "$@"; do
        [[ $argument =~ ^--(loose-)?($FIXED) ]] && return 0
    done
    find /etc/mysql /etc/my.cnf -name '*.cnf' -newer "$STORE/data" -type f \
        -exec grep -qiE "^[[:space:]]*($FIXED)" {} \; -print 2>/dev/null | grep -q .
}

fill_data_folder() {
    : >"$DATA/.grader-first-start"
    if custom_layout "$@"; then
        mysql_note 'an option changes the layout of the data folder, so a new one is made (some seconds).'
        mariadb-install-db --datadir="$DATA" --auth-root-authentication-method=normal --skip-name-resolve --skip-test-db \
            --rpm --cross-bootstrap "${AS_MYSQL[@]}" "$@" >/dev/null
    elif [[ $(id -u) == 0 ]]; then
        cp -a --sparse=always "$STORE/data/." "$DATA/"
    else
        cp -R --sparse=always "$STORE"/data/* "$DATA/"
    fi
    printf '[mariadb-client]\nport=3306\nsocket=%s\nuser=healthcheck\npassword="%s"\n' \
        "$RUNTIME/mysqld.sock" "$HEALTH_PASSWORD" >"$DATA/.my-healthcheck.cnf"
    [[ $(id -u) != 0 ]] || chown mysql:mysql "$DATA/.my-healthcheck.cnf"
}

# Whether this start is the data folder's first, or a first one was killed and is to be repeated.
first_start() {
    if [[ -e $DATA/.grader-first-start ]]; then
        if [[ -e $DATA/sys/grader_initialised.ibd ]]; then
            rm -f "$DATA/.grader-first-start"
            return 1
        fi
        mysql_note 'the first start was cut short; it is repeated.'
        find "$DATA" -mindepth 1 -not -name lost+found -delete
        return 0
    fi
    [[ ! -d $DATA/mysql ]]
}

own_data_folder() {
    mkdir -p "$DATA" "$RUNTIME"
    AS_MYSQL=()
    if [[ $(id -u) == 0 ]]; then
        AS_MYSQL=(--user=mysql)
        chown mysql:mysql "$RUNTIME"
        find "$DATA" \! -user mysql -exec chown mysql:mysql {} +
    fi
}

# What scripts in /docker-entrypoint-initdb.d call to send SQL to the server.
# shellcheck disable=SC2120  # they give it arguments
docker_process_sql() { "${client[@]}" "$@"; }

run_script() {
    case $1 in
        *.sh)
            # one that is sourced may name variables that are not set, as with the official image
            # shellcheck disable=SC1090  # the scripts are given at run time
            if [[ -x $1 ]]; then mysql_note "$0: running $1"; "$1"; else mysql_note "$0: sourcing $1"; set +u; . "$1"; set -u; fi
            ;;
        *.sql) mysql_note "$0: running $1"; docker_process_sql <"$1" ;;
        *.sql.gz) mysql_note "$0: running $1"; gunzip -c "$1" | docker_process_sql ;;
        *.sql.xz) mysql_note "$0: running $1"; xzcat "$1" | docker_process_sql ;;
        *.sql.zst) mysql_note "$0: running $1"; zstd -dc "$1" | docker_process_sql ;;
        *) mysql_warn "$0: ignoring $1" ;;
    esac
}

# write_init_file: its input becomes what the server runs before it accepts its first connection.
write_init_file() {
    cat >"$INIT_FILE"
    [[ $(id -u) != 0 ]] || chown mysql:mysql "$INIT_FILE"
}

await_server() {
    until mariadb-admin --defaults-extra-file="$CLIENT_FILE" --host=localhost --silent ping >/dev/null 2>&1; do
        kill -0 "$1" 2>/dev/null || mysql_error 'Unable to start server; see its [ERROR] lines.'
        sleep 0.05
    done
}

# Runs the init scripts on a server that nobody can reach yet.
run_scripts() {
    local server script password=${MARIADB_ROOT_PASSWORD//\\/\\\\}
    { init_statements; own_init_file "$@"; } | write_init_file
    # a root that is given as a hash alone lets the scripts in as the server's own user
    printf '[client]\nprotocol=socket\nuser=root\npassword="%s"\n' "${password//\"/\\\"}" >"$CLIENT_FILE"
    client=(mariadb --defaults-extra-file="$CLIENT_FILE" --host=localhost --comments)
    [[ -z $MARIADB_DATABASE ]] || client+=(--database="$MARIADB_DATABASE")
    mariadbd "$@" "${AS_MYSQL[@]}" "${CLOSED[@]}" --skip-networking \
        --default-time-zone=SYSTEM --init-file="$INIT_FILE" &
    server=$!
    await_server "$server"
    if [[ -n $ZONE ]]; then
        mariadb-tzinfo-to-sql "/usr/share/zoneinfo/$ZONE" "$ZONE" |
            mariadb --defaults-extra-file="$CLIENT_FILE" --host=localhost --database=mysql
    fi
    if compgen -G "$SCRIPTS/*" >/dev/null; then
        for script in "$SCRIPTS"/*; do run_script "$script"; done
    fi
    mariadb --defaults-extra-file="$CLIENT_FILE" --host=localhost -e "$FINISHED"
    mariadb-admin --defaults-extra-file="$CLIENT_FILE" --host=localhost shutdown
    wait "$server" || true
    rm -f "$CLIENT_FILE"
    mysql_note 'MariaDB init process done. Ready for start up.'
}

# obey COMMAND: runs the server and starts it again as signals say; ends as it does if it ends by itself.
obey() {
    local server='' wanted=up killed='' status=0 nothing
    exec {nothing}<> <(:)
    trap 'killed=yes wanted=down; kill -KILL "$server" 2>/dev/null || true' USR1
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
    done
}

# Whether ARGUMENTS ask the server for a text only.
asks_for_help() {
    local argument
    for argument in "$@"; do
        case $argument in -\? | --help | --print-defaults | -V | --version) return 0 ;; esac
    done
    return 1
}

main() {
    [[ ${1:-} == -* || $# == 0 ]] && set -- mariadbd "$@"
    if [[ $1 != mariadbd && $1 != mysqld ]] || asks_for_help "$@"; then exec "$@"; fi
    shift
    umask 077
    if [[ -n ${GRADER_SIGNALS:-} ]]; then
        INIT_FILE=$STORE/start.sql
        start_grader >"$INIT_FILE"
        unset GRADER_PASSWORD
        obey mariadbd --user=mysql --datadir="$STORE/data" "${SECURE[@]}" --init-file="$INIT_FILE"
    fi
    DATA=$(data_folder "$@")
    own_data_folder
    if first_start; then
        read_environment
        fill_data_folder "$@"
        ZONE=$(named_zone "$@")
        if [[ -n $ZONE ]] || compgen -G "$SCRIPTS/*" >/dev/null; then
            run_scripts "$@"
            { grader_statements; own_init_file "$@"; } | write_init_file
        else
            { init_statements; grader_statements; printf '%s\n' "$FINISHED"; own_init_file "$@"; } |
                write_init_file
        fi
    else
        { grader_statements; own_init_file "$@"; } | write_init_file
    fi
    exec mariadbd "$@" "${AS_MYSQL[@]}" "${SECURE[@]}" --init-file="$INIT_FILE"
}

trap 'exit 143' TERM INT
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
