"""PostgreSQL: its server, the roles of a run, and what is asked of it as its administrator."""
