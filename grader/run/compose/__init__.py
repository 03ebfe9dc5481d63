"""A student's Compose project: who is who in it, our own file for it, and bringing it up."""
