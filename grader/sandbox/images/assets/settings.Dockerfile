# What a build here needs beyond the base image: pip's index, the host's certificate authorities.
FROM base
USER root
COPY etc/ /etc/
COPY authorities/ /usr/local/share/ca-certificates/
RUN if command -v update-ca-certificates >/dev/null; then update-ca-certificates; fi
USER @USER@
