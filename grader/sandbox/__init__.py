"""Docker: builds, networks, containers, limits, base images and what cleans up after them."""
