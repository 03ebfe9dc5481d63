#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# The user, the paths and the names of programs that the usual image of Redis or Valkey has.
set -eu
if [ -e "$1/usr/bin/valkey-server" ]; then kind=valkey; else kind=redis; fi
old=$(chroot "$1" getent group 999 | cut -d: -f1)
[ -z "$old" ] || [ "$old" = "$kind" ] || chroot "$1" groupmod --gid 899 "$old"
old=$(chroot "$1" getent passwd 999 | cut -d: -f1)
[ -z "$old" ] || [ "$old" = "$kind" ] || chroot "$1" usermod --uid 899 "$old"
chroot "$1" groupmod --gid 999 "$kind"
chroot "$1" usermod --uid 999 --gid 999 --home /data "$kind"
chroot "$1" install -d -o "$kind" -g "$kind" /data "/usr/local/etc/$kind"
# the package's own settings are for a service of the system, and its folders hold nothing
rm -rf "${1:?}/etc/$kind" "${1:?}/var/lib/$kind" "${1:?}/var/log/$kind"
for program in server cli benchmark check-aof check-rdb sentinel; do
    [ -e "$1/usr/bin/$kind-$program" ] || continue
    ln -sf "/usr/bin/$kind-$program" "$1/usr/local/bin/$kind-$program"
    ln -sf "/usr/bin/$kind-$program" "$1/usr/local/bin/redis-$program"
done
name=$(printf '%s' "$kind" | tr '[:lower:]' '[:upper:]')
chroot "$1" "$kind-server" --version | sed -E "s/.* v=([0-9.]+).*/${name}_VERSION=\1/" >"$1/image-env"
