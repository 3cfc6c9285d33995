# shellcheck shell=bash
# Install what a Debian or Ubuntu machine lacks, for compose/demo and tests/run, which source this.
# The caller calls undo_policy when it ends, however it ends.

policy='' mark='written while packages are installed, by process'

say() { printf '%s: %s\n' "${script:?}" "$*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        fail "\"$*\" needs root: run this as root, or install sudo."
    fi
}

# Do something while nobody else on this machine does such a thing.
one_at_a_time() {
    local lock code=0
    exec {lock}</var/tmp
    flock --wait 600 "$lock" || { say "another run has held the lock on /var/tmp for ten minutes."; return 1; }
    # Without the descriptor: what goes on running afterwards must not hold the lock.
    eval '"$@"' "$lock<&-" || code=$?
    exec {lock}<&-
    return "$code"
}

# While a policy says 101, no package starts a service (invoke-rc.d(8)). One that is there stays, unless it
# is ours and the process that wrote it was killed.
forbid_services() {
    local file=/usr/sbin/policy-rc.d writer
    writer=$(sed -n "s/^# $mark //p" "$file" 2>/dev/null) || true
    if [[ -e $file && ( -z $writer || -e /proc/$writer ) ]]; then return; fi
    policy=$file
    printf '#!/bin/sh\n# %s %s\nexit 101\n' "$mark" "$$" | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

# Print the services that the machine starts by itself, one a line; nothing without systemd.
enabled() {
    have systemctl || return 0
    { systemctl --root=/ list-unit-files --state=enabled --no-legend 2>/dev/null || true; } |
        awk '{ print $1 }' | sort
}

# Keep Debian's new packages from starting their services at the next boot: keep_disabled BEFORE
keep_disabled() {
    local -a new
    mapfile -t new < <(comm -13 <(printf '%s\n' "$1") <(enabled))
    ((${#new[@]} == 0)) || as_root systemctl --root=/ --quiet disable "${new[@]}" 2>/dev/null ||
        say "could not disable ${new[*]}: they start at the next boot."
}

undo_policy() {
    [[ -n $policy ]] || return 0
    as_root rm -f "$policy"
    policy=
}

install() {
    have apt-get || fail "$* cannot be installed here without apt-get: use your package manager and run this again."
    ((EUID == 0)) || have sudo ||
        fail "$* cannot be installed without root: run \"apt-get install $*\" as root, or this as root or with sudo there."
    say "installing $* ..."
    one_at_a_time install_now "$@"
}

install_now() {
    local log before
    forbid_services
    log=$(mktemp)
    before=$(enabled)
    if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get update &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"; } </dev/null >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install $*; the lines above say why."
    fi
    rm -f "$log"
    keep_disabled "$before"
    undo_policy
}

has_slapd() {
    PATH=$PATH:/usr/sbin:/usr/local/sbin have slapd && have ldapmodify && have ldapsearch
}

# A fresh slapd gets no configuration: it has nothing to serve, now and after a reboot.
leave_slapd_alone() {
    if have debconf-set-selections && { ((EUID == 0)) || have sudo; }; then
        echo 'slapd slapd/no_configuration boolean true' | as_root debconf-set-selections
    fi
}

# Let Debian make and start no cluster of PostgreSQL when it is installed: the tests run their own.
leave_postgresql_alone() {
    if [[ ! -e /usr/lib/postgresql ]] && { ((EUID == 0)) || have sudo; }; then
        as_root mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' |
            as_root tee /etc/postgresql-common/createcluster.d/connector-tests.conf >/dev/null
    fi
}

install_slapd() {
    if ! PATH=$PATH:/usr/sbin have slapd; then leave_slapd_alone; fi
    install slapd ldap-utils
    has_slapd || fail "slapd is still missing after its installation; please install it by hand."
}

fit() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Print the name of the newest Python that is new enough and can make virtual environments.
find_python() {
    local name
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if have "$name" && fit "$name"; then
            echo "$name"
            return
        fi
    done
    return 1
}

install_python() {
    local name
    install python3 python3-venv
    find_python >/dev/null && return
    for name in python3.13 python3.12 python3.11; do
        if apt-cache show "$name-venv" >/dev/null 2>&1; then
            install "$name" "$name-venv"
            return
        fi
    done
}

# Set the variable python of the caller to the result of find_python.
# shellcheck disable=SC2034
need_python() {
    python=$(find_python) && return
    install_python
    python=$(find_python) ||
        fail "Python 3.11 or newer with its venv module is needed; please install it and run this again."
}
