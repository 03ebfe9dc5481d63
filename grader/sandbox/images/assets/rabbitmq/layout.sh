#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# The user, the folders and the settings that the usual RabbitMQ image has, with its ids.
set -eu
old=$(chroot "$1" getent group 999 | cut -d: -f1)
[ -z "$old" ] || [ "$old" = rabbitmq ] || chroot "$1" groupmod --gid 899 "$old"
old=$(chroot "$1" getent passwd 999 | cut -d: -f1)
[ -z "$old" ] || [ "$old" = rabbitmq ] || chroot "$1" usermod --uid 899 "$old"
chroot "$1" groupmod --gid 999 rabbitmq
chroot "$1" usermod --uid 999 --gid 999 --home /var/lib/rabbitmq --shell /bin/bash rabbitmq
# the package has run a server of its own, or has made its folders for one
rm -rf "$1/var/lib/rabbitmq" "$1/var/log/rabbitmq" "$1/etc/rabbitmq"
chroot "$1" install -d -o rabbitmq -g rabbitmq -m 1777 /var/lib/rabbitmq /var/log/rabbitmq \
    /etc/rabbitmq /etc/rabbitmq/conf.d /tmp/rabbitmq-ssl
printf 'loopback_users.guest = false\nlog.console = true\n' >"$1/etc/rabbitmq/conf.d/10-defaults.conf"
chown -R 999:999 "$1/etc/rabbitmq"
# Debian's own command writes what the server prints into files
printf '#!/bin/sh\nexec /usr/lib/rabbitmq/bin/rabbitmq-server "$@"\n' >"$1/usr/local/bin/rabbitmq-server"
chmod 755 "$1/usr/local/bin/rabbitmq-server"
# shellcheck disable=SC2016  # dpkg-query fills it in
version=$(chroot "$1" dpkg-query -W -f '${Version}' rabbitmq-server | sed -E 's/^([0-9.]+).*/\1/')
echo "RABBITMQ_VERSION=$version" >"$1/image-env"
