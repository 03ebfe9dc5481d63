"""How long a grade takes: ours, the usual way of an instructor, and what cannot be less."""
