"""MySQL: its server, the accounts of a run, and what is asked of it as its administrator."""
