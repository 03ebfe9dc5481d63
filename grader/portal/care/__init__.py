"""What the portal does by itself, alongside its pages: mail that is due, and retention."""
