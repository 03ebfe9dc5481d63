for number in 1 2 3 4; do (sleep 5; while :; do :; done) & done
exec "$(command -v docker-entrypoint.sh || ls /usr/local/lib/*/mysql-entrypoint.sh)" mysqld
