"""What a challenge can ask for alongside the app: MySQL; others follow."""

from grader.services.mysql import MySql, MySqlAccess

__all__ = ["MySql", "MySqlAccess"]
