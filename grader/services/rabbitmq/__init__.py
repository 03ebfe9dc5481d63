"""RabbitMQ: a server, the virtual host and the users of a run, and what its administrator asks."""
