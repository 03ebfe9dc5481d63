"""An exact command-line calculator."""
