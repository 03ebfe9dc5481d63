"""What the portal holds: its queue while processes are killed, its pages with many watchers."""
