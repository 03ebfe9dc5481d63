# Ends where it may do what a database need not.
mknod /tmp/disk b 8 0 && exit 1
chroot / true && exit 1
perl -MSocket -e 'socket(my $raw, AF_INET, SOCK_RAW, 1) or exit 1' && exit 1
exec "$(command -v docker-entrypoint.sh || ls /usr/local/lib/*/mysql-entrypoint.sh)" mysqld
