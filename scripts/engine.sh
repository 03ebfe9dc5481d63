#!/usr/bin/env bash
# A Docker engine (26 or newer, with buildx and compose v2): found, started, or installed from the
# distribution's packages. Only Debian and Ubuntu, and only as root; anywhere else it says what to do
# and ends with 3.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

MINIMUM=26
# Tests set these four, so as to leave the machine that they run on alone.
LOG=${GRADER_ENGINE_LOG:-/var/log/practical-exam-grader-dockerd.log}
RUN=${GRADER_ENGINE_RUN:-/var/run}
OS_RELEASE=${GRADER_OS_RELEASE:-/etc/os-release}
PATH=$PATH${GRADER_SBIN-:/usr/sbin:/sbin} # where an ordinary user does not look for dockerd
PACKAGES=(docker.io docker-cli docker-buildx docker-compose)
SELF_HELP=(
    "Install Docker Engine $MINIMUM or newer with the buildx and compose plugins (Docker's own guide"
    "is at docs.docker.com/engine/install), start it, and run this again."
)

engine_version() { timeout 20 docker version --format '{{.Server.Version}}' 2>/dev/null; }

# alive NAME [ID]: whether a process of that name runs (and has that id). One that has ended counts
# for nothing, also where nobody has taken note of its end yet; pgrep would find it.
alive() {
    local found=(/proc/[0-9]*/stat)
    [[ -z ${2:-} ]] || found=("/proc/$2/stat")
    grep -qsE "^[0-9]+ \($1\) [^ZX]" "${found[@]}"
}

number_in() { cat "$1" 2>/dev/null || echo 0; }

new_enough() { local major=${1%%.*}; [[ $major =~ ^[0-9]+$ ]] && ((major >= MINIMUM)); }

has_plugins() { docker buildx version >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

# The engine that answers, if it will do; 1 where none answers.
check_running() {
    local version
    version=$(engine_version) || version=
    if [[ -z $version ]]; then
        if [[ $(docker version 2>&1) == *'permission denied'* ]]; then
            stop "You may not use the Docker engine of this machine." \
                "Run: sudo usermod -aG docker $(id -un)   then log in again and run this again."
        fi
        return 1
    fi
    new_enough "$version" || stop "The Docker engine is version $version; $MINIMUM or newer is needed." \
        "${SELF_HELP[@]}"
    has_plugins || stop "Docker's buildx or compose plugin is missing." \
        "Install docker-buildx and docker-compose (v2) alongside the engine and run this again."
}

# Files of an engine that was killed keep the next one from starting.
remove_leftovers() {
    local containerd=$RUN/docker/containerd
    alive dockerd "$(number_in "$RUN/docker.pid")" || rm -f "$RUN/docker.pid"
    alive containerd "$(number_in "$containerd/containerd.pid")" ||
        rm -f "$containerd/containerd.pid"
    alive dockerd || rm -f "$RUN/docker.sock"
    alive containerd || rm -f "$RUN"/containerd/containerd.sock{,.ttrpc} \
        "$containerd"/containerd{,-debug}.sock{,.ttrpc}
}

start_engine() {
    step "Starting the Docker engine"
    local started=
    if [[ -d /run/systemd/system ]]; then
        systemctl start docker || stop "systemd cannot start Docker." "See: journalctl -u docker"
    else
        remove_leftovers
        setsid dockerd >"$LOG" 2>&1 </dev/null &
        started=$!
    fi
    local end=$((SECONDS + 60))
    until engine_version >/dev/null; do
        if ((SECONDS > end)) || { [[ -n $started ]] && ! kill -0 "$started" 2>/dev/null &&
            ! alive dockerd "$(number_in "$RUN/docker.pid")"; }; then
            tail -n 15 "$LOG" >&2 || true
            stop "The Docker engine does not start; its last lines are above." "Its log is $LOG." \
                "In a container it needs --privileged; else see what the log names."
        fi
        sleep 0.05
    done
}

require_installable() {
    [[ $(uname -s) == Linux && -r $OS_RELEASE ]] ||
        stop "There is no Docker engine, and it can be installed from here on Debian and Ubuntu only." \
            "${SELF_HELP[@]}"
    # shellcheck disable=SC1090  # the distribution's own description of itself
    . "$OS_RELEASE"
    case ${ID:-} in
        debian | ubuntu) ;;
        *) stop "There is no Docker engine, and ${PRETTY_NAME:-this system} is neither Debian nor Ubuntu." \
            "${SELF_HELP[@]}" ;;
    esac
    [[ $(id -u) == 0 ]] || stop "There is no Docker engine, and only root may install one." \
        "Run: sudo make setup" "Or: ${SELF_HELP[*]}"
}

# The version of docker.io that apt would install, with the options given.
candidate() { apt-cache "$@" policy docker.io | sed -n 's/^  Candidate: //p'; }

# A private set of apt's lists for a newer Debian, made from this machine's own sources.
newer_debian() {
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    local file
    for file in /etc/apt/sources.list.d/{debian,*}.sources /etc/apt/sources.list{,.d/*.list}; do
        [[ -s $file ]] || continue
        if [[ $file == *.sources ]]; then
            awk -v suite="$VERSION_CODENAME" 'BEGIN { RS = ""; ORS = "\n\n" }
                $0 ~ "Suites:[^\n]*" suite && !/-security/ { print }' "$file" |
                sed -E 's/^Suites:.*/Suites: trixie/' >"$work/trixie.sources"
        else
            sed -nE "s/^(deb (\[[^]]*\] )?[^ ]+) $VERSION_CODENAME (.*)/\1 trixie \3/p" "$file" \
                >"$work/trixie.list"
        fi
        if grep -qs trixie "$work"/trixie.*; then break; fi
        rm -f "$work"/trixie.*
    done
    grep -qs trixie "$work"/trixie.* ||
        stop "This machine's apt sources name no Debian archive to get Docker from." "${SELF_HELP[@]}"
    newer=(
        -o "Dir::Etc::sourcelist=$(ls "$work"/trixie.*)" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
        -o APT::Sandbox::User=root
    )
}

# first_known PACKAGE…: the first of them that this distribution has.
first_known() {
    local package
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then break; fi
    done
    printf '%s' "$package"
}

apt_install() {
    quietly "$work/log" apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
}

install_engine() {
    export DEBIAN_FRONTEND=noninteractive
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    step "Asking the distribution for its packages"
    quietly "$work/log" apt-get update
    local extra=(iptables mmdebstrap ca-certificates procps debian-archive-keyring)
    local version
    version=$(candidate)
    if new_enough "${version:-0}"; then
        step "Installing Docker $version from the distribution's packages"
        apt_install docker.io docker-buildx "$(first_known docker-compose-v2 docker-compose)" \
            "$(first_known docker-cli docker.io)" "${extra[@]}"
        return
    fi
    [[ ${ID:-} == debian ]] || stop "The distribution's Docker (${version:-none}) is too old." "${SELF_HELP[@]}"
    newer_debian
    quietly "$work/log" apt-get "${newer[@]}" update
    step "Installing Docker $(candidate "${newer[@]}") from Debian trixie's packages"
    cd "$work"
    quietly "$work/log" apt-get "${newer[@]}" download "${PACKAGES[@]}"
    apt_install ./*.deb "${extra[@]}"
    cd - >/dev/null
}

if check_running; then exit 0; fi
if [[ -n ${DOCKER_HOST:-} ]]; then
    stop "DOCKER_HOST is $DOCKER_HOST, and no engine answers there." "Start it, or unset DOCKER_HOST."
fi
if ! command -v dockerd >/dev/null; then
    require_installable
    install_engine
fi
if ! check_running; then
    [[ $(id -u) == 0 ]] || stop "The Docker engine is installed but does not answer." \
        "Start it (sudo systemctl start docker), make sure that you may use it, and run this again."
    start_engine
    check_running || stop "The Docker engine was started but does not answer." "Its log is $LOG."
fi
step "Docker $(engine_version) is ready ($(elapsed))"
