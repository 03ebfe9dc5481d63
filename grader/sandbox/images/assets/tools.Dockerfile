# What the gateway and a look into a network namespace need.
FROM base
RUN apt-get update \
    && apt-get install -y --no-install-recommends @PACKAGES@ \
    && rm -rf /var/lib/apt/lists/*
