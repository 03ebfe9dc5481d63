"""The phases of a run, each a function of what those before it gave; `pipeline` joins them."""
