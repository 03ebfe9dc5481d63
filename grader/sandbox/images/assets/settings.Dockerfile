# What a build here needs beyond the base image: the index for pip and apt, and the host's certificate
# authorities. apt asks without TLS; the index asks the host's own mirror, whatever the host's name.
FROM base
USER root
COPY etc/ /etc/
COPY authorities/ /usr/local/share/ca-certificates/
RUN if command -v update-ca-certificates >/dev/null; then update-ca-certificates; fi
RUN find /etc/apt -name '*.list' -o -name '*.sources' | while read -r file; do sed -i -E -e '/\.(debian\.org|ubuntu\.com)\//!s#https?://[^/ ]+/([^ ]*/)?(debian(-security)?|ubuntu)/?( |$)#http://packages.invalid/\2 #' -e 's#https://([^/ ]+/(debian|debian-security|ubuntu)/?( |$))#http://\1#' "$file"; done
# What brings authorities of its own, as Python's requests does, has to be told of the system's.
ENV REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER @USER@
