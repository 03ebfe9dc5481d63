"""Redis and Valkey: a server, the users of a run, and what is asked as its administrator."""
