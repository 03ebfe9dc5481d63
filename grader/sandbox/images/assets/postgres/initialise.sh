#!/bin/bash
# Initialises a data folder while the image is built. A server of the grader's uses it where it lies,
# any other copies it at its first start. It lies outside of the folder that the base image may declare
# a volume.
set -euo pipefail
# shellcheck source=grader/sandbox/images/assets/postgres/entrypoint.sh
. /usr/local/lib/grader/entrypoint.sh

store=/usr/local/share/grader-postgres
data=$store/data

mkdir -p /var/lib/postgresql /var/run/postgresql /docker-entrypoint-initdb.d
chown postgres:postgres /var/run/postgresql
chmod 3777 /var/run/postgresql
install -d -o postgres -g postgres -m 700 "$data"

# segments of 1 MiB: the usual 16 would have to be copied at each first start
as_postgres initdb --username=postgres --encoding=UTF8 --auth=trust --wal-segsize=1 --no-sync \
    --pgdata="$data" >/dev/null
sed -i "s/^#*listen_addresses *=.*/listen_addresses = '*'/" "$data/postgresql.conf"

# A server of the grader's counts statements, and lets an app into its own database alone.
# shellcheck disable=SC2034  # alone() reads it
PGDATA=$data
alone <<'SQL'
CREATE EXTENSION pg_stat_statements;

REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;

SQL
