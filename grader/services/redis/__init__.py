"""Redis (and Valkey): its server, the accounts of a run, and what is asked of it as administrator."""
