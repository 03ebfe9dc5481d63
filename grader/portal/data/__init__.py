"""What the portal keeps: tables, the connection to them, and migrations."""
