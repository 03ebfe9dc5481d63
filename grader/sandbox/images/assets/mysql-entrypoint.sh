#!/bin/bash
# Starts MySQL from a data folder that was initialised when the image was built.
#
# It understands the variables of the usual MySQL image (MYSQL_ROOT_PASSWORD, MYSQL_DATABASE,
# MYSQL_USER, MYSQL_PASSWORD, …, each also as NAME_FILE) and runs /docker-entrypoint-initdb.d once.
# Accounts and schema are made by mysqld's --init-file before it accepts its first connection. The
# init file's last statement makes the table sys.grader_initialised; its file in the data folder
# says that the first start came to its end. A first start that was killed is begun anew.
# With GRADER_PASSWORD, each start makes sure of an account `practical-exam-grader` that may do everything.
# With GRADER_SIGNALS, SIGUSR1 kills the server as a crash would, and SIGUSR2 starts it again.
set -euo pipefail

STORE=/usr/local/share/grader-mysql
RUNTIME=/var/run/mysqld
INIT_FILE=$RUNTIME/grader-init.sql
CLIENT_FILE=$RUNTIME/grader-client.cnf
SCRIPTS=/docker-entrypoint-initdb.d
# Options that are fixed when a data folder is initialised: with these it is not copied but made.
FIXED='lower[-_]case[-_]table[-_]names|innodb[-_]page[-_]size|innodb[-_]data[-_]file[-_]path'
FIXED+='|innodb[-_]checksum|innodb[-_]undo|datadir'
# Said last, so that nothing given to the container switches them back on.
SECURE=(--local-infile=0 --secure-file-priv=NULL --loose-mysqlx=OFF)

note() { printf 'grader-mysql: %s\n' "$*" >&2; }
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

read_environment() {
    local name
    for name in MYSQL_ROOT_PASSWORD MYSQL_ROOT_HOST MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD; do
        from_file "$name"
    done
    if [[ -n ${MYSQL_RANDOM_ROOT_PASSWORD:-} ]]; then
        MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
        export MYSQL_ROOT_PASSWORD
        printf 'GENERATED ROOT PASSWORD: %s\n' "$MYSQL_ROOT_PASSWORD" >&2
    fi
    if [[ -z ${MYSQL_ROOT_PASSWORD:-} && -z ${MYSQL_ALLOW_EMPTY_PASSWORD:-} ]]; then
        die 'The root account has no password. Set MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD' \
            'or MYSQL_RANDOM_ROOT_PASSWORD.'
    fi
    if [[ ${MYSQL_USER:-} == root ]]; then
        die 'MYSQL_USER is root, which exists already; name another user, or set none.'
    fi
    if [[ -n ${MYSQL_USER:-} && -z ${MYSQL_PASSWORD:-} ]]; then
        die 'MYSQL_USER is set and MYSQL_PASSWORD is not; set both.'
    fi
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

init_statements() {
    local password host user
    password=$(text "${MYSQL_ROOT_PASSWORD:-}")
    host=${MYSQL_ROOT_HOST-%}
    printf 'ALTER USER %s IDENTIFIED BY %s;\n' "$(account root localhost)" "$password"
    if [[ -n $host && $host != localhost ]]; then
        printf 'CREATE USER %s IDENTIFIED BY %s;\n' "$(account root "$host")" "$password"
        printf 'GRANT ALL ON *.* TO %s WITH GRANT OPTION;\n' "$(account root "$host")"
    fi
    if [[ -n ${MYSQL_DATABASE:-} ]]; then
        printf 'CREATE DATABASE IF NOT EXISTS %s;\n' "$(name "$MYSQL_DATABASE")"
    fi
    if [[ -n ${MYSQL_USER:-} ]]; then
        user=$(account "$MYSQL_USER" %)
        printf 'CREATE USER %s IDENTIFIED BY %s;\n' "$user" "$(text "$MYSQL_PASSWORD")"
        if [[ -n ${MYSQL_DATABASE:-} ]]; then
            # An underscore in a grant stands for any character unless it is escaped.
            printf 'GRANT ALL ON %s.* TO %s;\n' "$(name "${MYSQL_DATABASE//_/\\_}")" "$user"
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

FINISHED='CREATE TABLE sys.grader_initialised (id INT PRIMARY KEY) ENGINE=InnoDB;'

# data_folder ARGUMENTS: the folder that mysqld's arguments name, else the usual one.
data_folder() {
    local argument folder=/var/lib/mysql
    for argument in "$@"; do
        [[ $argument == --datadir=* ]] && folder=${argument#*=}
    done
    printf '%s' "${folder%/}"
}

# keep_known ARGUMENTS: sets ARGS to those that this version of mysqld knows.
keep_known() {
    local argument option
    ARGS=()
    for argument in "$@"; do
        if [[ $argument == --[a-zA-Z]* ]]; then
            option=${argument#--} option=${option%%=*} option=${option//_/-}
            option=${option,,} option=${option#loose-}
            if ! grep -qxF -e "$option" -e "${option#skip-}" -e "${option#disable-}" \
                -e "${option#enable-}" "$STORE/options"; then
                note "this version of MySQL has no option $argument; it is left out."
                continue
            fi
        fi
        ARGS+=("$argument")
    done
}

custom_layout() {
    printf '%s\n' "${ARGS[@]}" | grep -qiE -- "^--($FIXED)=" && return 0
    grep -rqiE "^[[:space:]]*($FIXED)[[:space:]]*=" /etc/mysql/conf.d 2>/dev/null
}

fill_data_folder() {
    : >"$DATA/.grader-filling"
    if custom_layout; then
        note 'an option changes the layout of the data folder, so a new one is made (some seconds).'
        mysqld "${ARGS[@]}" "${AS_MYSQL[@]}" --initialize-insecure
    else
        cp -a --sparse=always "$STORE/data/." "$DATA/" # two thirds of it are zeros
    fi
    : >"$DATA/.grader-first-start"
    rm -f "$DATA/.grader-filling"
}

# Whether this start is the data folder's first, or a first one was killed and is to be repeated.
first_start() {
    if [[ -e $DATA/.grader-filling || -e $DATA/.grader-first-start ]]; then
        if [[ -e $DATA/sys/grader_initialised.ibd ]]; then
            rm -f "$DATA/.grader-first-start"
            return 1
        fi
        note 'the first start was cut short; it is repeated.'
        find "$DATA" -mindepth 1 -not -name lost+found -delete
        return 0
    fi
    [[ -z $(find "$DATA" -mindepth 1 -maxdepth 1 -not -name lost+found -print -quit) ]]
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
docker_process_sql() { "${mysql[@]}" "$@"; }

run_script() {
    case $1 in
        *.sh)
            note "running $1"
            # shellcheck disable=SC1090  # the scripts are given at run time
            if [[ -x $1 ]]; then "$1"; else . "$1"; fi
            ;;
        *.sql) note "running $1"; "${mysql[@]}" <"$1" ;;
        *.sql.gz) note "running $1"; gzip -dc "$1" | "${mysql[@]}" ;;
        *) note "ignoring $1" ;;
    esac
}

await_server() {
    until mysqladmin --defaults-extra-file="$CLIENT_FILE" --silent ping >/dev/null 2>&1; do
        kill -0 "$1" 2>/dev/null || die 'mysqld ended while it was set up; its log is above.'
        sleep 0.05
    done
}

# write_init_file: its input becomes what mysqld runs before it accepts its first connection.
write_init_file() {
    cat >"$INIT_FILE"
    [[ $(id -u) != 0 ]] || chown mysql:mysql "$INIT_FILE"
}

# quoted VALUE: VALUE as it is written between double quotes in a client's option file.
quoted() {
    local value=${1//\\/\\\\}
    printf '%s' "${value//\"/\\\"}"
}

# Runs the init scripts on a server that nobody can reach yet.
run_scripts() {
    local server script
    init_statements | write_init_file
    printf '[client]\nprotocol=socket\nuser=root\npassword="%s"\n' \
        "$(quoted "${MYSQL_ROOT_PASSWORD:-}")" >"$CLIENT_FILE"
    mysql=(mysql --defaults-extra-file="$CLIENT_FILE" --comments)
    [[ -z ${MYSQL_DATABASE:-} ]] || mysql+=(--database="$MYSQL_DATABASE")
    mysqld "${ARGS[@]}" "${AS_MYSQL[@]}" "${SECURE[@]}" --skip-networking \
        --init-file="$INIT_FILE" &
    server=$!
    await_server "$server"
    for script in "$SCRIPTS"/*; do run_script "$script"; done
    mysql --defaults-extra-file="$CLIENT_FILE" -e "$FINISHED FLUSH TABLES;"
    # All that is committed is in the log: the next start recovers it in a tenth of the time that
    # an orderly end takes.
    kill -KILL "$server"
    wait "$server" 2>/dev/null || true
    rm -f "$INIT_FILE" "$CLIENT_FILE"
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
        : >"$INIT_FILE" # accounts and schema are there
    done
}

main() {
    [[ ${1:-} == -* || $# == 0 ]] && set -- mysqld "$@"
    [[ $1 == mysqld ]] || exec "$@"
    umask 077
    keep_known "${@:2}"
    DATA=$(data_folder "${ARGS[@]}")
    own_data_folder
    if first_start; then
        read_environment
        fill_data_folder
        if compgen -G "$SCRIPTS/*" >/dev/null; then
            run_scripts
            grader_statements | write_init_file
        else
            { init_statements; grader_statements; printf '%s\n' "$FINISHED"; } | write_init_file
        fi
    else
        grader_statements | write_init_file
    fi
    set -- mysqld "${ARGS[@]}" "${AS_MYSQL[@]}" "${SECURE[@]}" --init-file="$INIT_FILE"
    [[ -n ${GRADER_SIGNALS:-} ]] || exec "$@"
    obey "$@"
}

trap 'exit 143' TERM INT
main "$@"
