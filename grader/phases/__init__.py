"""The phases of a run, each one a function of what the ones before it gave; `pipeline` joins them."""
