"""The transactions of the portal: each function does one thing whole, within a session's."""
