#!/usr/bin/env bash
# A Chromium or Chrome for the tests that look at the HTML report: found, or installed from Debian's
# packages. Only Debian, and only as root; anywhere else it says what to do and ends with 3.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

# Tests set this one, so as to leave the machine that they run on alone.
OS_RELEASE=${GRADER_OS_RELEASE:-/etc/os-release}

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then exit 0; fi
done

SELF_HELP="Install Chromium or Chrome, so that it is on the PATH, and run this again."
[[ $(uname -s) == Linux && -r $OS_RELEASE ]] || stop "There is no browser." "$SELF_HELP"
# shellcheck disable=SC1090  # the distribution's own description of itself
. "$OS_RELEASE"
# Ubuntu's package of that name is a snap, which many machines cannot run.
[[ ${ID:-} == debian ]] || stop "There is no browser, and ${PRETTY_NAME:-this system} is not Debian." \
    "$SELF_HELP"
[[ $(id -u) == 0 ]] || stop "There is no browser, and only root may install one." \
    "Run: sudo make browser" "Or: $SELF_HELP"

export DEBIAN_FRONTEND=noninteractive
step "Installing Chromium from the distribution's packages, for the tests of the HTML report"
log=$(mktemp)
quietly "$log" apt-get update
quietly "$log" apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends \
    chromium fonts-dejavu-core
rm -f "$log"
step "The browser is ready ($(elapsed))"
