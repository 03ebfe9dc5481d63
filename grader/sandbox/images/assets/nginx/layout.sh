#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# The user and the folders that the usual nginx image has, with its ids.
set -eu
old=$(chroot "$1" getent group 101 | cut -d: -f1)
[ -z "$old" ] || chroot "$1" groupmod --gid 801 "$old"
old=$(chroot "$1" getent passwd 101 | cut -d: -f1)
[ -z "$old" ] || chroot "$1" usermod --uid 801 "$old"
chroot "$1" groupadd --system --gid 101 nginx
chroot "$1" useradd --system --uid 101 --gid 101 --home-dir /nonexistent --shell /bin/false nginx
# the package's own sites are those of another layout
rm -rf "${1:?}/etc/nginx/sites-enabled" "${1:?}/etc/nginx/sites-available" "${1:?}/etc/nginx/snippets" \
    "${1:?}/etc/nginx/modules-enabled" "${1:?}/var/www" "${1:?}/var/log/nginx"
chroot "$1" install -d -o nginx -g nginx /var/lib/nginx /var/cache/nginx
chroot "$1" install -d /var/log/nginx /etc/nginx/conf.d /usr/share/nginx/html /docker-entrypoint.d
ln -sf /usr/lib/nginx/modules "$1/etc/nginx/modules"
ln -sf /dev/stdout "$1/var/log/nginx/access.log"
ln -sf /dev/stderr "$1/var/log/nginx/error.log"
chroot "$1" nginx -v 2>&1 | sed -E 's#.*nginx/([0-9.]+).*#NGINX_VERSION=\1#' >"$1/image-env"
