# shellcheck shell=bash
# Sourced by ./test: the tests of the page need a browser. Debian's chromium is installed when there is none and we may.

find_browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

# Words before apt-get: none for root, sudo for a user who needs no password for it; fails for anyone else.
may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && printf 'sudo -n\n'
}

install_browser() {
    local as_root
    as_root=$(may_install) || return 1
    printf 'No browser was found; installing Debian'\''s chromium for the page tests ...\n' >&2
    # shellcheck disable=SC2086  # empty, or the two words 'sudo -n'
    {
        $as_root apt-get -qq -o DPkg::Lock::Timeout=120 update &&
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends chromium
    } >/dev/null </dev/null
}

# Never stops the run: without a browser each page test that needs one fails by name, so that nothing is passed over in silence.
see_to_browser() {
    find_browser || install_browser ||
        printf 'There is no browser and chromium could not be installed here, so the tests in tests/page that need one will FAIL, each by name. Get one: apt-get install chromium\n' >&2
}
