#!/bin/sh
# Run by mmdebstrap with the new image's root as its argument.
#
# Debian's Python installs into dist-packages and splits --prefix off into local/. Made a virtual
# environment, /usr/local has the official image's layout: `pip install --prefix=/install`, `--user`
# and copies of site-packages from stage to stage work as they do there.
set -eu
chroot "$1" python3 -m venv --system-site-packages /usr/local
rm -f "$1"/usr/local/bin/[Aa]ctivate* "$1"/usr/lib/python3*/EXTERNALLY-MANAGED
chroot "$1" python3 -c \
    'import platform; print("PYTHON_VERSION=" + platform.python_version())' >"$1/image-env"
