"""Accounts in what MySQL's general log says."""

from __future__ import annotations

from grader.services.mysql.observe import logins


def test_accounts_of_the_network_are_told() -> None:
    """Who connected or ran a statement; not the server's own health checks, not who was refused."""
    lines = [
        "board@172.18.0.3 on board using TCP/IP",
        "board[board] @  [172.18.0.3]",
        "root[root] @ localhost []",
        "root@127.0.0.1 on  using TCP/IP",
        "Access denied for user 'evil'@'172.18.0.3' (using password: YES)",
        "grader[grader] @  [172.18.0.2]",
    ]
    assert logins(lines) == {"board", "grader"}
