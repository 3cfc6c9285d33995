# shellcheck shell=bash
# What a test run needs, looked for before anything runs. To be sourced by tests/run, after all else.
# shellcheck disable=SC2034,SC2154  # tests/run reads what is set here, and sets what is read

# In megabytes, with room to spare: all tests together have left 370 in memory and 50 on the disk.
memory_needed=1000 disk_needed=1000 environment_needed=600 clients_needed=900

# What the chosen tests need, in words of tests/needs.py between spaces.
needs=''

# --- folders --------------------------------------------------------------------------------------

free() { df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# Remove what runs left that were killed.
remove_abandoned() {
    local parent
    for parent in /dev/shm "${XDG_RUNTIME_DIR-}" /tmp /var/tmp "${TMPDIR-}"; do
        [[ -z $parent ]] || remove_abandoned_folders "$parent" tests
    done
    remove_abandoned_folders "${TMPDIR:-/var/tmp}" base-image
    [[ -z $(abandoned "$engines" engine) ]] || remove_abandoned_engines
}

# Set scratch and disk to private folders, in memory where that is possible and on the disk.
make_folders() {
    local parent=${TMPDIR:-/var/tmp} memory
    [[ -d $parent ]] || fail "TMPDIR is $parent, and there is no such folder: make it, or set TMPDIR to another one."
    (($(free "$parent") >= disk_needed)) ||
        fail "only $(free "$parent") MB are free in $parent, and the tests need $disk_needed: make room, or set TMPDIR to another folder."
    disk=$(owned_folder "$parent" tests) || fail "no folder can be made in $parent: set TMPDIR to one that can be written to."
    if ! memory=$(find_memory) || ! scratch=$(owned_folder "$memory" tests); then scratch=$disk; fi
    mkdir "$scratch/tmp"
    [[ -z ${own_folder-} ]] || return 0
    folders=("--basetemp=$scratch/t")
    export TESTS_DISK=$disk
}

# Print a folder that lies in memory, has room and lets programs be started.
find_memory() {
    local folder
    (($(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo) >= 2 * memory_needed)) || return 1
    for folder in /dev/shm "${XDG_RUNTIME_DIR-}" /tmp; do
        if [[ -w $folder && $(stat --file-system --format %T "$folder") == tmpfs ]] &&
            (($(free "$folder") >= memory_needed)) && starts_programs "$folder"; then
            echo "$folder"
            return
        fi
    done
    return 1
}

starts_programs() {
    local program code=0
    program=$(mktemp "$1/tests.XXXXXX") || return 1
    printf '#!/bin/sh\n' >"$program"
    chmod 700 "$program"
    "$program" 2>/dev/null || code=1
    rm -f "$program"
    return "$code"
}

# --- the environment ------------------------------------------------------------------------------

make_environment() {
    local lock
    # Two runs in one checkout have one environment.
    exec {lock}<"$root"
    flock "$lock"
    make_environment_now
    exec {lock}<&-
    # The tests start commands by name too.
    PATH=$root/.venv/bin:$PATH
}

make_environment_now() { make_one .venv tests/requirements.lock; }

# Have an environment with these lists of packages, unless it is there: make_one FOLDER LIST...
make_one() {
    local stamp folder=$1
    shift
    stamp=$("$python" --version; pwd; sha256sum pyproject.toml "$@")
    if [[ $(cat "$folder/stamp" 2>/dev/null) == "$stamp" ]] && "$folder/bin/python" -c '' 2>/dev/null; then return; fi
    (($(free "$root") >= environment_needed)) ||
        fail "only $(free "$root") MB are free in $root, and the environment needs $environment_needed: make room."
    say "making a virtual environment in $root/$folder ..."
    attend "$python" -m venv --clear "$folder" >"$disk/log" 2>&1 ||
        fail "no virtual environment can be made in $root/$folder: $(tail -n 1 "$disk/log")"
    index_answers || fail "the Python package index does not answer: $(complaint). Set pip up for one that does (pip config, PIP_INDEX_URL)."
    { pip install --retries 10 "${@/#/--requirement=}" && pip install --no-deps --editable .; } ||
        fail "pip could not install the project: $(complaint)"
    printf '%s\n' "$stamp" >"$folder/stamp"
}

# The environment of the tests in a browser: all that the others have, and the browser's driver.
make_browser_environment() {
    local lock
    exec {lock}<"$root"
    flock "$lock"
    make_one .venv-browser tests/requirements.lock tests/browser/requirements.txt
    exec {lock}<&-
}

# The environment of Graph's clients, which are larger than the project: only their tests have it made.
make_clients() {
    local folder=.venv-clients stamp npm=(npm ci --ignore-scripts --no-audit --no-fund)
    stamp=$("$python" --version; node --version; pwd; sha256sum tests/clients/requirements.txt tests/clients/package*.json)
    if [[ $(cat "$folder/stamp" 2>/dev/null) == "$stamp" ]] && "$folder/bin/python" -c '' 2>/dev/null; then return; fi
    (($(free "$root") >= clients_needed)) ||
        fail "only $(free "$root") MB are free in $root, and the environment of Graph's clients needs $clients_needed: make room."
    say "making the environment of Graph's clients in $root/$folder ..."
    attend "$python" -m venv --clear "$folder" >"$disk/log" 2>&1 ||
        fail "no virtual environment can be made in $root/$folder: $(tail -n 1 "$disk/log")"
    pip install --retries 10 --requirement tests/clients/requirements.txt ||
        fail "pip could not install Graph's clients: $(complaint)"
    mkdir "$folder/node"
    cp tests/clients/package.json tests/clients/package-lock.json "$folder/node"
    attend "${npm[@]}" --prefix "$folder/node" >"$disk/log" 2>&1 ||
        fail "npm could not install Graph's clients: $(tail -n 1 "$disk/log"). Leave their tests out with -m 'not clients'."
    printf '%s\n' "$stamp" >"$folder/stamp"
}

pip() {
    local -a pip=("${folder:-.venv}/bin/python" -m pip --disable-pip-version-check)
    ((EUID != 0)) || [[ $1 != install ]] || set -- "$@" --root-user-action=ignore
    attend "${pip[@]}" "$@" >"$disk/log" 2>&1
}

# Ask for one package, once: an index that is not there would be asked for each of them again and again.
index_answers() {
    pip download --retries 0 --timeout 20 --no-deps --dest "$disk/asked" "$(grep -m 1 == tests/requirements.lock)"
}

# Print the reason that pip gives, which is seldom its last line.
complaint() { grep -m 1 -E '^ERROR|error:' "$disk/log" || tail -n 1 "$disk/log"; }

# --- servers --------------------------------------------------------------------------------------

# Have what the tests need that a marker and options choose; else name what is lacking, a line each, and end.
need_for() {
    look_at_tests "$@"
    local marker package known lacking=''
    local -a missing=()
    while read -r marker package known; do
        [[ $needs != *" $marker "* ]] || is_there "$known" || missing+=("$package")
    done < <(grep -v '^#' tests/system/packages.txt)
    if [[ $needs == *" samba "* ]] && ((EUID != 0)); then
        say "Samba listens on port 389, which only root may: run this as root, or leave its tests out with -m 'not samba'."
        lacking=yes
    fi
    if ((${#missing[@]})); then
        if [[ " ${missing[*]} " == *" slapd "* ]]; then leave_slapd_alone; fi
        if [[ " ${missing[*]} " == *" postgresql "* ]]; then leave_postgresql_alone; fi
        (trap undo_policy EXIT; install "${missing[@]}") || lacking=yes
    fi
    [[ -z $lacking ]] || fail "nothing was run."
    [[ $needs != *" browser "* ]] || make_browser_environment
    [[ $needs != *" clients "* ]] || make_clients
    [[ $needs != *" containers "* ]] || { need_engine && attend compose/base-image; } ||
        fail "no Docker engine can be had, and nothing was run. What needs none: ./$script all-but-containers"
}

# Set needs for the tests that a marker and options choose: look_at_tests MARKER PYTEST-OPTION...
look_at_tests() {
    local code=0 marker
    marker=$(marked "$1")
    shift
    attend python -m pytest --collect-only -qq -p tests.needs -m "$marker" "$@" >"$disk/log" 2>&1 || code=$?
    # 5: none is chosen, which the run itself says.
    if ((code != 0 && code != 5)); then
        cat "$disk/log" >&2
        fail "pytest cannot collect these tests; the lines above say why."
    fi
    needs=$(sed -n 's/^needs:\(.*\)/\1 /p' "$disk/log")
}

is_there() {
    case $1 in
    /*) [[ -e $1 ]] ;;
    *) have "$1" ;;
    esac
}
