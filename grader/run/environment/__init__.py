"""What an app runs in: networks, gateway, services, and the values that it is given."""
