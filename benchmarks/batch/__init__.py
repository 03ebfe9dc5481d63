"""How a class is graded: throughput, memory, leftovers, and whether the scores are right."""
