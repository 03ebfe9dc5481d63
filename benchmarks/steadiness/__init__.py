"""Whether accepted solutions keep every point, run after run, on a busy machine or a slow link."""
