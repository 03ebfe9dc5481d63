#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# The user and the folders that MariaDB expects, with the usual image's ids.
set -eu
chroot "$1" getent group mysql >/dev/null || chroot "$1" groupadd --system --gid 999 mysql
chroot "$1" getent passwd mysql >/dev/null ||
    chroot "$1" useradd --system --uid 999 --gid 999 --home-dir /var/lib/mysql mysql
chroot "$1" install -d -o mysql -g mysql -m 1777 /var/run/mysqld
chroot "$1" install -d -o mysql -g mysql /var/lib/mysql
mkdir -p "$1/etc/mysql/conf.d" "$1/etc/mysql/mariadb.conf.d"
rm -f "$1/etc/mysql/my.cnf" "$1"/etc/mysql/conf.d/*.cnf "$1"/etc/mysql/mariadb.conf.d/*.cnf
printf '!includedir /etc/mysql/mariadb.conf.d/\n!includedir /etc/mysql/conf.d/\n' \
    >"$1/etc/mysql/my.cnf"
chroot "$1" mariadbd --version | sed -E 's/.*Ver ([0-9.]+).*/MARIADB_VERSION=\1/' >"$1/image-env"
