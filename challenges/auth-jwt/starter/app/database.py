"""The connection to MySQL and the tables."""

# TODO: connect with pymysql.connect(…), charset="utf8mb4", and commit what you change.
#
# TODO: tables for users, for sessions (which of them have ended?), for refresh tokens (a hash of each; was
# it used?) and for articles. Create them when the app starts, with CREATE TABLE IF NOT EXISTS.
