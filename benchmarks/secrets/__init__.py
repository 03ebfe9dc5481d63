"""How well secrets are found, and how fast, next to other tools. `python -m benchmarks.secrets`."""
