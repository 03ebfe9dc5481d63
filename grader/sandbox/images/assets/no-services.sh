#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
# A package that a Dockerfile installs must not start its service during the build.
set -eu
printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
chmod 755 "$1/usr/sbin/policy-rc.d"
