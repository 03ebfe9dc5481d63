"""The connection to MySQL."""

# TODO: connect with pymysql.connect(…). Think of these:
#
#   - charset="utf8mb4", so that every script and emoji can be stored
#   - a short connect_timeout: while MySQL is away, a request has to be answered within 5 seconds
#   - a connection that was opened before MySQL was restarted is dead after it
#   - what is not committed is seen by nobody else
#
# TODO: create your table, here or with an SQL file that MySQL's service mounts into
# /docker-entrypoint-initdb.d. It has to be there as well when the app is up before MySQL.
