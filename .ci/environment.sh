# shellcheck shell=bash
# Sourced by ./run and ./test: chooses a Python, makes the project's own virtual environment and keeps it in step with
# requirements.txt. Sets `python`, the interpreter of the finished environment. Nothing outside the project folder is changed.

SUPPORTED="3.11, 3.12 or 3.13"
HOW_TO_GET_IT="On Debian or Ubuntu: apt-get install gcc libc6-dev python3-dev python3-venv. On Fedora: dnf install gcc python3-devel. On macOS: xcode-select --install."

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export STREAMLIT_BROWSER_GATHER_USAGE_STATS=false

stop() {
    printf '%s\n' "$1" >&2
    exit 2
}

# Prints the version (3.11.7) of an interpreter that runs and is supported, nothing otherwise.
supported_version() {
    "$1" -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) and print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null || true
}

# Whether this interpreter can make environments and has the C header of Python.
has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }
include_of() { "$1" -c 'import sysconfig; print(sysconfig.get_path("include"))'; }
has_header() { [ -f "$(include_of "$1")/Python.h" ]; }

# The first supported interpreter that lacks nothing; else the first supported one, and what it lacks is said later.
choose_python() {
    local candidate second=""
    if [ -n "${PYTHON:-}" ]; then
        [ -n "$(supported_version "$PYTHON")" ] || stop "PYTHON is set to '$PYTHON', which is not a Python $SUPPORTED that runs here. Set it to one, or unset it."
        printf '%s\n' "$PYTHON"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        [ -n "$(supported_version "$candidate")" ] || continue
        if has_venv "$candidate" && has_header "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
        [ -n "$second" ] || second=$candidate
    done
    [ -n "$second" ] || stop "No Python $SUPPORTED was found. Install one, or name it: PYTHON=/path/to/python3.12 $0"
    printf '%s\n' "$second"
}

# The C compiler with the one definition that durable_rules needs to be importable on 3.13 (harmless on 3.11 and 3.12).
choose_compiler() {
    local compiler=${CC:-}
    if [ -z "$compiler" ]; then
        for compiler in gcc cc clang none; do
            command -v "$compiler" >/dev/null 2>&1 && break
        done
    fi
    command -v "${compiler%% *}" >/dev/null 2>&1 ||
        stop "A C compiler is needed once, to build the durable_rules engine (it has no ready-made package), and ${CC:+CC=$CC}${CC:-none} was found. $HOW_TO_GET_IT"
    printf '%s\n' "$compiler -DPyEval_CallObject=PyObject_CallObject"
}

# Refuses in one sentence, before anything is made, when durable_rules could not be built.
check_can_build() { # interpreter, compiler with options
    local include
    has_venv "$1" || stop "$1 cannot make virtual environments (its venv or ensurepip module is missing). $HOW_TO_GET_IT"
    include=$(include_of "$1")
    [ -f "$include/Python.h" ] || stop "$1 has no C header (Python.h is not in $include), which is needed once to build the durable_rules engine. $HOW_TO_GET_IT"
    # shellcheck disable=SC2086  # the compiler may carry options
    printf '#include <Python.h>\n' | $2 -I"$include" -E -x c - >/dev/null 2>&1 ||
        stop "The C compiler '${2%% *}' cannot read Python.h and the C library's own headers, so the durable_rules engine cannot be built. $HOW_TO_GET_IT"
}

# What an environment was made from; a change of any of it makes a new one.
fingerprint() { # interpreter, version
    "$1" - "$2" requirements.txt <<'PYTHON'
import hashlib
import sys

print(sys.argv[1], hashlib.sha256(open(sys.argv[2], "rb").read()).hexdigest())
PYTHON
}

is_finished() { # folder, fingerprint
    [ "$(cat "$1/made-from" 2>/dev/null)" = "$2" ] && "$1/bin/python" -c '' 2>/dev/null
}

# The stamp is written last: an environment without it, or with another one, is made again from nothing.
make_environment() { # interpreter, folder, fingerprint
    local compiler
    compiler=$(choose_compiler)
    check_can_build "$1" "$compiler"
    printf 'Making the environment in %s (once; a minute or two) ...\n' "$2" >&2
    rm -rf "$2"
    "$1" -m venv "$2"
    # durable_rules first and never from pip's cache, where a copy built without the definition would not import on 3.13.
    grep -i '^durable' requirements.txt |
        CC=$compiler "$2/bin/python" -m pip install --quiet --no-cache-dir --no-binary durable_rules -r /dev/stdin >&2 ||
        stop "durable_rules could not be built or fetched; the lines above say why. Nothing half-made is kept: the next run begins again."
    "$2/bin/python" -m pip install --quiet -r requirements.txt >&2 ||
        stop "The requirements could not be installed; the lines above say why. Nothing half-made is kept: the next run begins again."
    "$2/bin/python" -c 'import durable.engine' ||
        stop "durable_rules was built but cannot be imported; the line above says why. Please report it with the version of Python ($3)."
    printf '%s\n' "$3" >"$2/made-from"
}

# Sets `python`. Two commands started at once wait for each other where flock exists.
use_environment() {
    local base version folder made_from
    base=$(choose_python)
    version=$(supported_version "$base")
    folder="$PWD/.venv/${version%.*}"
    made_from=$(fingerprint "$base" "$version")
    mkdir -p .venv
    (
        if command -v flock >/dev/null 2>&1; then flock 9; fi
        is_finished "$folder" "$made_from" || make_environment "$base" "$folder" "$made_from"
    ) 9>".venv/lock-${version%.*}"
    # shellcheck disable=SC2034  # used by the script that sources this file
    python="$folder/bin/python"
}
