"""Starting apps without a secret, or without their database, and watching what they do."""
