#!/bin/sh
# The health check that MariaDB's image ships, for Compose files written for that image: healthy once
# the server takes connections over TCP, whatever is asked for (`--connect --innodb_initialized`).
exec mysqladmin --host=127.0.0.1 --silent ping
