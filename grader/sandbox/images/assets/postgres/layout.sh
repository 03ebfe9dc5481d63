#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# The user, the folders and the locale that the usual PostgreSQL image has, with its ids.
set -eu
version=$(ls "$1/usr/lib/postgresql")
# the package has made a cluster of its own
rm -rf "$1/etc/postgresql" "$1/var/lib/postgresql" "$1/var/log/postgresql"
chroot "$1" groupmod --gid 999 postgres
chroot "$1" usermod --uid 999 --gid 999 --home /var/lib/postgresql --shell /bin/bash postgres
chroot "$1" install -d -o postgres -g postgres -m 1777 /var/lib/postgresql
chroot "$1" install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data
chroot "$1" install -d -o postgres -g postgres -m 3777 /var/run/postgresql
chroot "$1" localedef -i en_US -c -f UTF-8 en_US.UTF-8
server=$(chroot "$1" "/usr/lib/postgresql/$version/bin/postgres" --version)
{
    echo "PG_MAJOR=$version"
    echo "PG_VERSION=$(echo "$server" | sed -E 's/^[^0-9]*([0-9.]+).*/\1/')"
    echo "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/$version/bin"
} >"$1/image-env"
