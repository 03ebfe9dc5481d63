"""How well secrets are found, and how fast, beside other tools. `python -m benchmarks.secrets`."""
