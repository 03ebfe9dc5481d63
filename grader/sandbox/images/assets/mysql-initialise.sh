#!/bin/bash
# Initialises a data folder while the twin is built; mysql-entrypoint.sh copies it at first start.
# It lies outside of /var/lib/mysql, which the base image may declare a volume.
set -euo pipefail

store=/usr/local/share/grader-mysql
data=$store/data

mkdir -p "$store" /var/lib/mysql /var/run/mysqld /docker-entrypoint-initdb.d
chown mysql:mysql /var/lib/mysql /var/run/mysqld
chmod 1777 /var/lib/mysql /var/run/mysqld # as in the usual image: the server may run as any user
install -d -o mysql -g mysql -m 750 "$data"

mysqld --defaults-file=/etc/mysql/conf.d/00-grader.cnf \
    --user=mysql --initialize-insecure --datadir="$data"

# Each server makes an identity of its own. The TLS keys stay: making them takes 0.3 s, and they
# guard a network that only the app and the grader are on.
rm -f "$data/auto.cnf" "$data"/*.err

# What the server makes again in the background need not be copied at each first start.
rm -f "$data/ib_buffer_pool" "$data"/'#innodb_redo'/*_tmp

# Whoever the server runs as copies it. It holds what every run has: no accounts, no passwords.
chmod -R a+rX "$data"

# The names of all options, so that the entrypoint can tell those that this version lacks.
mysqld --no-defaults --verbose --help 2>/dev/null |
    sed -n -E 's/^  (-[A-Za-z#?], )?--([a-z0-9-]+).*/\2/p' | sort -u >"$store/options"
test -s "$store/options"
