# Sourced by ./test: `servers` makes sure that what the tests start is on this machine: PostgreSQL's server, Redis
# and Chromium. As root it installs what is missing; otherwise it says exactly what is, and stops. POSIX sh.

servers() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing for the tests: $missing ..." >&2
        # RUNLEVEL=1: the tests start servers of their own, on free ports; the system's are not to be started.
        # shellcheck disable=SC2086
        { apt-get update -q && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends $missing; } </dev/null >&2 || true
        missing=$(missing_packages)
        [ -n "$missing" ] || return 0
    fi
    {
        echo "The tests need what this machine does not have: $missing"
        echo "On Debian: sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
        echo "Elsewhere: PostgreSQL's initdb and postgres, redis-server, and chromium or google-chrome, in PATH."
    } >&2
    exit 2
}

# One line of Debian's package names; empty when all is there.
missing_packages() {
    found=
    has_postgres || found="$found postgresql"
    has redis-server || found="$found redis-server"
    has chromium || has chromium-browser || has google-chrome || found="$found chromium"
    echo "${found# }"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

has_postgres() {
    if has initdb && has postgres; then return 0; fi
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then return 0; fi
    done
    return 1
}
