"""MariaDB: its server, and how it is lent. What it has in common with MySQL is MySQL's."""
