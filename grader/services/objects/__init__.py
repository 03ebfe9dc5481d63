"""An object store (S3) with one bucket and one key for the app."""
