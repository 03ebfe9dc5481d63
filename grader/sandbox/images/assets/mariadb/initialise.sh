#!/bin/bash
# Initialises a data folder while the image is built. A server of the grader's uses it where it lies,
# any other copies it at its first start. It lies outside of /var/lib/mysql, which the base image may
# declare a volume.
set -euo pipefail

store=/usr/local/share/grader-mariadb
data=$store/data

mkdir -p "$store" /var/lib/mysql /var/run/mysqld /docker-entrypoint-initdb.d
chown mysql:mysql /var/lib/mysql /var/run/mysqld
chmod 1777 /var/lib/mysql /var/run/mysqld # as in the usual image: the server may run as any user
install -d -o mysql -g mysql -m 750 "$data"
# where SQL may read and write files: nobody writes there
install -d -m 555 "$store/nothing"
# without one the server makes a key at each start, which takes a second and more
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 \
    -subj /CN=mariadb -keyout "$store/key.pem" -out "$store/certificate.pem" 2>/dev/null
chmod 444 "$store/key.pem" # of a network that only the app and the grader are on

mariadb-install-db --defaults-file=/etc/mysql/mariadb.conf.d/00-grader.cnf --user=mysql \
    --datadir="$data" --skip-test-db --auth-root-authentication-method=normal \
    --skip-name-resolve >/dev/null

# One orderly end, with all that is put off done: the next start recovers and purges nothing.
socket=/var/run/mysqld/initialise.sock
mariadbd --defaults-file=/etc/mysql/mariadb.conf.d/00-grader.cnf --user=mysql --datadir="$data" \
    --skip-networking --socket="$socket" --innodb-fast-shutdown=0 &
server=$!
ask() { mariadb --no-defaults --user=root --socket="$socket" "$@"; }
until ask -e 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.05
done
ask <<'SQL'
DELETE FROM mysql.global_priv WHERE user IN ('', 'mysql') OR host NOT IN ('', 'localhost');
DELETE FROM mysql.proxies_priv WHERE host <> 'localhost';
FLUSH PRIVILEGES;
SQL
kill -TERM "$server"
wait "$server"
rm -f "$data"/*.err "$data/ib_buffer_pool" "$data/ibtmp1" "$data"/ddl_recovery*.log

# What is changed of a file is copied whole, but for its holes: two thirds of these are zeros.
fallocate --dig-holes "$data/ibdata1"
fallocate --dig-holes "$data/ib_logfile0"

# What a server of the grader's runs at each start; to write into it is quicker than to make it.
install -o mysql -g mysql -m 600 /dev/null "$store/start.sql"

# Whoever the server runs as copies it. It holds what every run has: no accounts, no passwords.
chmod -R a+rX "$data"
