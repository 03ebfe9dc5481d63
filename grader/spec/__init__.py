"""From a challenge's folder to a `Challenge`, or to every problem with it in plain sentences."""
