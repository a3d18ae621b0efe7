# environment HERE EXTRAS: makes or renews HERE/.venv with nsplay in it; quick when nothing is to be done.
# Sourced by play and check. EXTRAS is "" or "dev". What it says goes to stderr: play's output is nsplay's own.

say() { printf 'nsplay: %s\n' "$*" >&2; }

# The command that installs $1 (Debian's name), $2 (Fedora's), $3 (Arch's) on this machine.
mend() {
    if command -v apt-get >/dev/null; then printf 'apt-get install %s' "$1"
    elif command -v dnf >/dev/null; then printf 'dnf install %s' "$2"
    elif command -v pacman >/dev/null; then printf 'pacman -S %s' "$3"
    else printf 'install %s' "$1"
    fi
}

# The first Python that is new enough.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# Changes whenever what has to be installed changes.
wanted() { { cat "$1/pyproject.toml" "$1/tools/environment.sh"; echo "$1 $2"; } | cksum; }

environment() {
    here=$1 extras=$2 stamp=$1/.venv/nsplay.stamp
    for made in "$(wanted "$here" dev)" "$(wanted "$here" "$extras")"; do # dev holds all that play needs
        [ "$made" = "$(cat "$stamp" 2>/dev/null)" ] && [ -x "$here/.venv/bin/python" ] && return 0
    done
    if [ ! -w "$here" ]; then
        say "can't write to $here, where the environment (.venv) has to be made."
        say "Try: make a clone of your own, or run this as $(stat -c %U "$here")."
        return 1
    fi
    if command -v flock >/dev/null && [ -z "${NSPLAY_LOCKED:-}" ]; then
        # Two at once: the second waits for the first, then finds nothing to do.
        NSPLAY_LOCKED=1 flock "$here/tools" sh -c '. "$1/tools/environment.sh"; environment "$1" "$2"' sh "$here" "$extras"
        return
    fi
    rm -f "$stamp"
    if command -v uv >/dev/null; then make_with_uv; else make_with_venv; fi || return 1
    wanted "$here" "$extras" >"$stamp"
    say "ready."
}

target() { if [ -n "$extras" ]; then printf '%s[%s]' "$here" "$extras"; else printf '%s' "$here"; fi; }

make_with_uv() {
    say "making the environment in .venv with uv ..."
    [ -x "$here/.venv/bin/python" ] || uv venv --quiet --clear --python '>=3.11' "$here/.venv" || return 1
    say "installing nsplay and the libraries it needs ..."
    uv pip install --quiet --python "$here/.venv/bin/python" --editable "$(target)" || failed
}

make_with_venv() {
    python=$(find_python) || {
        say "needs Python 3.11 or newer; found $(python3 --version 2>&1 || echo none)."
        say "Try: $(mend 'python3 python3-venv' python3 python), or install uv, which brings its own."
        return 1
    }
    say "making the environment in .venv with $python ..."
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        say "$python has no venv module (Debian and Ubuntu keep it in a package of its own)."
        say "Try: $(mend python3-venv python3 python)"
        return 1
    fi
    [ -x "$here/.venv/bin/pip" ] || "$python" -m venv --clear "$here/.venv" || return 1
    say "installing nsplay and the libraries it needs (this can take a minute) ..."
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$(target)" || failed
}

failed() {
    say "the libraries could not be installed: the lines above say why (often: no network)."
    say "Try: the same command again."
    return 1
}
