#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# The user and the folders that MySQL expects, with the usual image's ids.
set -eu
chroot "$1" groupadd --system --gid 999 mysql
chroot "$1" useradd --system --uid 999 --gid 999 --home-dir /var/lib/mysql mysql
chroot "$1" install -d -o mysql -g mysql -m 1777 /var/run/mysqld
chroot "$1" install -d -o mysql -g mysql /var/lib/mysql
chroot "$1" install -d -o mysql -g mysql -m 750 /var/lib/mysql-files
mkdir -p "$1/etc/mysql/conf.d"
echo '!includedir /etc/mysql/conf.d/' >"$1/etc/mysql/my.cnf"
chroot "$1" mysqld --version | sed -E 's/.*Ver ([0-9.]+).*/MYSQL_VERSION=\1/' >"$1/image-env"
