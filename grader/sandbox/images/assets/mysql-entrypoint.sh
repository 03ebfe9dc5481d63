#!/bin/bash
# Starts MySQL from a data folder that was initialised when the image was built.
#
# It understands the variables of the usual MySQL image (MYSQL_ROOT_PASSWORD, MYSQL_DATABASE,
# MYSQL_USER, MYSQL_PASSWORD, …, each also as NAME_FILE) and runs /docker-entrypoint-initdb.d once.
# Accounts and schema are made by mysqld's --init-file before it accepts its first connection. The
# init file's last statement makes the table sys.grader_initialised; its file in the data folder
# says that the first start came to its end. A first start that was killed is begun again.
# With GRADER_MYSQL_SERIES, the server stands in for one of that series (`8.0`; `any`: for one of
# another maker): options that this had and the server lacks are left out, and the functions MD5 and SHA1
# are loaded, which 9.6 moved into a component. What neither knows ends the server with its own words, and so
# it does where the very image runs that was asked for.
# With GRADER_PASSWORD, each start makes sure of an account `practical-exam-grader` that may do everything.
# With GRADER_SIGNALS, SIGUSR1 kills the server as a crash would, and SIGUSR2 starts it again.
set -euo pipefail

STORE=/usr/local/share/grader-mysql
RUNTIME=/var/run/mysqld
INIT_FILE=$RUNTIME/grader-init.sql
CLIENT_FILE=$RUNTIME/grader-client.cnf
SCRIPTS=/docker-entrypoint-initdb.d
PLUGINS=/usr/lib/mysql/plugin
# Options that are fixed when a data folder is initialised: with these it is not copied but made.
FIXED='lower[-_]case[-_]table[-_]names|innodb[-_]page[-_]size|innodb[-_]data[-_]file[-_]path'
FIXED+='|innodb[-_]checksum|innodb[-_]undo|datadir'
# Said last, so that nothing given to the container switches them back on. Init scripts may do more
# with their own container's files than SQL can, so the server that they run on keeps the usual folder.
CLOSED=(--local-infile=0 --loose-mysqlx=OFF)
SECURE=("${CLOSED[@]}" --secure-file-priv=NULL)

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
        note "MYSQL_USER is set and MYSQL_PASSWORD is not, so there will be no user $MYSQL_USER."
        MYSQL_USER=''
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

# MD5(), SHA() and SHA1() are a component since 9.6
# (https://dev.mysql.com/doc/refman/9.6/en/legacy-hashing-component.html).
component_statements() {
    local series=${GRADER_MYSQL_SERIES:-}
    [[ -n $series && -e $PLUGINS/component_classic_hashing.so ]] || return 0
    [[ $series == any ]] || older "$series" 9.6 || return 0
    printf "INSTALL COMPONENT 'file://component_classic_hashing';\n"
}

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
    component_statements
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

# lacks SETTING: whether the server lacks an option (`max-connections`, or with its value) that the one
# had which it stands in for.
lacks() {
    local setting=${1,,} name known series
    name=${setting%%[=[:space:]]*} name=${name//_/-} name=${name#loose-}
    [[ $name =~ ^[a-z0-9-]+$ ]] || return 1
    for known in "$name" "${name#skip-}" "${name#disable-}" "${name#enable-}"; do
        ! grep -qxF -e "$known" "$STORE/options" || return 1
    done
    [[ $GRADER_MYSQL_SERIES != any ]] || return 0
    for known in "$name" "${name#skip-}" "${name#disable-}" "${name#enable-}"; do
        series=$(sed -n "s/^$known //p" "$STORE/removed" 2>/dev/null)
        if [[ -n $series ]] && older "$GRADER_MYSQL_SERIES" "$series"; then return 0; fi
    done
    return 1
}

older() { [[ $1 != "$2" && $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

# keep_known ARGUMENTS: sets ARGS to those without options that only the other server knows.
keep_known() {
    local argument
    ARGS=()
    for argument in "$@"; do
        if [[ -n ${GRADER_MYSQL_SERIES:-} && $argument == --[a-zA-Z]* ]] &&
            lacks "${argument#--}"; then
            note "this version of MySQL has no option $argument; it is left out."
        else
            ARGS+=("$argument")
        fi
    done
}

# keep_known_settings: the same for files of settings that were mounted. One that holds such an option
# is read from a copy without it; sets DEFAULTS to the argument that names the copies.
keep_known_settings() {
    local file line setting section='' copy=$RUNTIME/grader-settings.cnf changed=''
    DEFAULTS=()
    [[ -n ${GRADER_MYSQL_SERIES:-} && -n $CUSTOM ]] || return 0
    : >"$copy"
    for file in /etc/my.cnf /etc/mysql/my.cnf /etc/mysql/conf.d/*.cnf; do
        [[ -r $file && -f $file ]] || continue
        while IFS= read -r line || [[ -n $line ]]; do
            setting=${line#"${line%%[![:space:]]*}"} setting=${setting%$'\r'}
            [[ $setting != !include* ]] || continue
            if [[ $setting == \[* ]]; then
                section=${setting,,}
            elif [[ $section =~ ^\[(mysqld|server) && $setting == [a-zA-Z]* ]] && lacks "$setting"; then
                note "this version of MySQL has no option $setting ($file); it is left out."
                changed=yes
                continue
            fi
            printf '%s\n' "$line" >>"$copy"
        done <"$file"
    done
    [[ -n $changed ]] || return 0
    chmod 644 "$copy"
    DEFAULTS=(--defaults-file="$copy")
}

custom_layout() {
    printf '%s\n' "${ARGS[@]}" | grep -qiE -- "^--($FIXED)=" && return 0
    grep -rqiE "^[[:space:]]*($FIXED)[[:space:]]*=" /etc/mysql/conf.d 2>/dev/null
}

# look_for_settings: sets CUSTOM where the server has settings of the student's, which is rare.
look_for_settings() {
    local file
    CUSTOM=''
    [[ ${#ARGS[@]} == 0 && ! -e /etc/my.cnf ]] || CUSTOM=yes
    for file in /etc/mysql/my.cnf /etc/mysql/conf.d/*.cnf; do
        [[ $file == */00-grader.cnf || ! -e $file ]] && continue
        [[ $file == */my.cnf && $(<"$file") == '!includedir /etc/mysql/conf.d/' ]] || CUSTOM=yes
    done
}

# settings: what stands in all files of settings.
settings() {
    local file
    for file in /etc/my.cnf /etc/mysql/my.cnf /etc/mysql/conf.d/*.cnf; do
        if [[ -r $file && -f $file ]]; then
            cat "$file"
            printf '\n'
        fi
    done
}

# own_init_file: the file of SQL that the student's settings have the server run at each start.
own_init_file() {
    local argument file=''
    [[ -n $CUSTOM ]] || return 0
    file=$(settings | sed -nE \
        's/^[[:space:]]*init[-_]file[[:space:]]*=[[:space:]]*"?([^"[:space:]]+).*/\1/p' | tail -n 1)
    for argument in "${ARGS[@]}"; do
        [[ $argument != --init[-_]file=* ]] || file=${argument#*=}
    done
    [[ -z $file ]] || [[ -r $file && -f $file ]] ||
        die "The server's init-file is $file, which cannot be read: there is no such file."
    [[ -z $file ]] && return 0
    cat "$file"
    # a last statement need not be ended there; it must be before others
    grep -vE '^[[:space:]]*(--|#|$)' "$file" | tail -n 1 | grep -qE ';[[:space:]]*$' || printf ';'
    printf '\n'
}

# named_zone: the time zone that the server's settings name, where it is none like `+02:00` or SYSTEM.
named_zone() {
    local zone
    [[ -n $CUSTOM ]] || return 0
    zone=$({ settings; printf '%s\n' "${ARGS[@]#--}"; } | sed -nE "s/^[[:space:]]*default[-_]time[-_]zone\
[[:space:]]*=[[:space:]]*[\"']?([A-Za-z]+[^\"'[:space:]]*).*/\1/p" | tail -n 1)
    [[ $zone == SYSTEM || $zone == *..* || ! -f /usr/share/zoneinfo/$zone ]] || printf '%s' "$zone"
}

fill_data_folder() {
    : >"$DATA/.grader-filling"
    if custom_layout; then
        note 'an option changes the layout of the data folder, so a new one is made (some seconds).'
        mysqld "${DEFAULTS[@]}" "${ARGS[@]}" "${AS_MYSQL[@]}" --init-file=/dev/null \
            --default-time-zone=SYSTEM --initialize-insecure
    elif [[ $(id -u) == 0 ]]; then
        cp -a --sparse=always "$STORE/data/." "$DATA/" # two thirds of it are zeros
    else
        cp -R --sparse=always "$STORE"/data/* "$DATA/"
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

# What scripts in /docker-entrypoint-initdb.d call to send SQL to the server, and to say something.
# shellcheck disable=SC2120  # they give it arguments
docker_process_sql() { "${mysql[@]}" "$@"; }
mysql_note() { note "$@"; }
mysql_warn() { note "$@"; }
mysql_error() { die "$@"; }
file_env() { from_file "$1"; }

run_script() {
    case $1 in
        *.sh)
            note "running $1"
            # one that is sourced may name variables that are not set, as with the usual image
            # shellcheck disable=SC1090  # the scripts are given at run time
            if [[ -x $1 ]]; then "$1"; else set +u; . "$1"; set -u; fi
            ;;
        *.sql) note "running $1"; "${mysql[@]}" <"$1" ;;
        *.sql.gz) note "running $1"; gzip -dc "$1" | "${mysql[@]}" ;;
        *.sql.bz2) note "running $1"; bunzip2 -c "$1" | "${mysql[@]}" ;;
        *.sql.xz) note "running $1"; xzcat "$1" | "${mysql[@]}" ;;
        *.sql.zst) note "running $1"; zstd -dc "$1" | "${mysql[@]}" ;;
        *) note "ignoring $1" ;;
    esac
}

await_server() {
    until mysqladmin --defaults-extra-file="$CLIENT_FILE" --host=localhost --silent ping \
        >/dev/null 2>&1; do
        kill -0 "$1" 2>/dev/null || die 'mysqld ended while it was set up; see its [ERROR] lines.'
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
    local server script client
    { init_statements; own_init_file; } | write_init_file
    printf '[client]\nprotocol=socket\nuser=root\npassword="%s"\n' \
        "$(quoted "${MYSQL_ROOT_PASSWORD:-}")" >"$CLIENT_FILE"
    # said here, as MYSQL_HOST of the environment wins over a file of settings
    client=(mysql --defaults-extra-file="$CLIENT_FILE" --host=localhost)
    mysql=("${client[@]}" --comments)
    [[ -z ${MYSQL_DATABASE:-} ]] || mysql+=(--database="$MYSQL_DATABASE")
    mysqld "${DEFAULTS[@]}" "${ARGS[@]}" "${AS_MYSQL[@]}" "${CLOSED[@]}" --skip-networking \
        --default-time-zone=SYSTEM --init-file="$INIT_FILE" &
    server=$!
    await_server "$server"
    if [[ -n $ZONE ]]; then
        mysql_tzinfo_to_sql "/usr/share/zoneinfo/$ZONE" "$ZONE" | "${client[@]}" --database=mysql
    fi
    if compgen -G "$SCRIPTS/*" >/dev/null; then
        for script in "$SCRIPTS"/*; do run_script "$script"; done
    fi
    "${client[@]}" -e "$FINISHED FLUSH TABLES;"
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
        own_init_file | write_init_file # accounts and schema are there
    done
}

main() {
    [[ ${1:-} == -* || $# == 0 ]] && set -- mysqld "$@"
    [[ $1 == mysqld ]] || exec "$@"
    umask 077
    keep_known "${@:2}"
    DATA=$(data_folder "${ARGS[@]}")
    own_data_folder
    look_for_settings
    keep_known_settings
    if first_start; then
        read_environment
        fill_data_folder
        ZONE=$(named_zone)
        if [[ -n $ZONE ]] || compgen -G "$SCRIPTS/*" >/dev/null; then
            run_scripts
            { grader_statements; own_init_file; } | write_init_file
        else
            { init_statements; grader_statements; printf '%s\n' "$FINISHED"; own_init_file; } |
                write_init_file
        fi
    else
        { grader_statements; own_init_file; } | write_init_file
    fi
    set -- mysqld "${DEFAULTS[@]}" "${ARGS[@]}" "${AS_MYSQL[@]}" "${SECURE[@]}" \
        --init-file="$INIT_FILE"
    [[ -n ${GRADER_SIGNALS:-} ]] || exec "$@"
    obey "$@"
}

trap 'exit 143' TERM INT
main "$@"
