#!/bin/sh
# Starts nginx as the usual image does: scripts of /docker-entrypoint.d run first, and templates of
# /etc/nginx/templates are filled in with the container's variables, into /etc/nginx/conf.d.
set -eu

note() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || printf '%s: %s\n' "$0" "$*"; }

# The variables that templates may name: all of the environment's that the filter takes. What nginx itself
# fills in, such as $host, is none of them.
names() {
    FILTER=${NGINX_ENVSUBST_FILTER:-} awk \
        'BEGIN { for (name in ENVIRON) if (name ~ ENVIRON["FILTER"]) printf "${%s} ", name }'
}

fill_templates() {
    templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
    suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
    filled=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
    [ -d "$templates" ] || return 0
    if [ ! -w "$filled" ]; then
        note "ERROR: $templates exists, but $filled is not writable"
        return 0
    fi
    known=$(names)
    find -L "$templates" -type f -name "*$suffix" | while read -r template; do
        path=${template#"$templates"/}
        target=$filled/${path%"$suffix"}
        mkdir -p "$(dirname "$target")"
        note "filling in $template as $target"
        envsubst "$known" <"$template" >"$target"
    done
}

# Runs what is executable; a *.envsh is sourced, so that its variables count for what comes after it.
run_scripts() {
    scripts=$(find -L /docker-entrypoint.d -maxdepth 1 -type f 2>/dev/null | sort -V)
    for script in $scripts; do
        case $script in
            *.envsh)
                # shellcheck disable=SC1090  # the scripts are given at run time
                if [ -x "$script" ]; then note "sourcing $script"; . "$script"; else note "ignoring $script, not executable"; fi
                ;;
            *.sh)
                if [ -x "$script" ]; then note "running $script"; "$script"; else note "ignoring $script, not executable"; fi
                ;;
            *) note "ignoring $script" ;;
        esac
    done
}

[ $# -gt 0 ] || set -- nginx -g 'daemon off;'
if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
    run_scripts
    fill_templates
fi
exec "$@"
