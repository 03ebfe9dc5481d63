#!/bin/bash
# The steps of the official image's entry point: a data folder is initialised, a server without
# network makes time zones, schema and accounts, ends in order, and the real one starts.
set -euo pipefail
data=/var/lib/mysql
mkdir -p /var/run/mysqld
chown mysql:mysql "$data" /var/run/mysqld
if [[ -z $(ls -A "$data") ]]; then
    if [[ -n ${MYSQL_RANDOM_ROOT_PASSWORD:-} ]]; then
        MYSQL_ROOT_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    fi
    mysqld --user=mysql --initialize-insecure
    mysqld --user=mysql --skip-networking --socket=/tmp/setup.sock &
    server=$!
    until mysqladmin --silent --socket=/tmp/setup.sock ping; do sleep 1; done
    {
        mysql_tzinfo_to_sql /usr/share/zoneinfo 2>/dev/null | sed 's/Local time zone must be set/US/'
    } | mysql --socket=/tmp/setup.sock mysql
    mysql --socket=/tmp/setup.sock <<SQL
CREATE USER 'root'@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;
CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
GRANT ALL ON \`${MYSQL_DATABASE//_/\\_}\`.* TO '$MYSQL_USER'@'%';
ALTER USER root@localhost IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
SQL
    for script in /docker-entrypoint-initdb.d/*.sql; do
        [[ -e $script ]] || continue
        mysql --socket=/tmp/setup.sock --password="$MYSQL_ROOT_PASSWORD" "$MYSQL_DATABASE" <"$script"
    done
    mysqladmin --socket=/tmp/setup.sock --password="$MYSQL_ROOT_PASSWORD" shutdown
    wait "$server"
fi
exec mysqld --user=mysql "${@:2}"
