"""A payment provider's double: it makes charges, and tells the app of them by signed webhooks."""
