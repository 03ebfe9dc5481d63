"""A mail server that keeps what it gets, and refuses, delays or drops it where it is told to."""
