# Packages of the grader's own images: its tools, and doubles of services.
FROM base
RUN apt-get update \
    && apt-get install -y --no-install-recommends @PACKAGES@ \
    && rm -rf /var/lib/apt/lists/*
