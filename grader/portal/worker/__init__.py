"""The workers: they claim gradings, run `grade`, and write results under their leases."""
