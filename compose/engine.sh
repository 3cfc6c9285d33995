# shellcheck shell=bash
# Have a Docker engine: the one that answers already, or a private one that leaves nothing behind. To be
# sourced after machine.sh and owned.sh. The caller calls stop_engine when it ends, however it ends,
# without set -e; where it was killed, the next start_engine does that in its stead.
#
# The private engine keeps everything in a folder of its own, and networks on a bridge and in a range of
# its own, so that it does not matter whether the machine has another engine, nor what that one does.
# What it changes of the machine stands in that folder before it is changed: "range", which names the
# bridge and the firewall rules too, and "forwarded", the switch as it was.

# A disk, unlike some /tmp; and a short name, because sockets have short ones.
engines=/var/tmp
engine=''

engine_answers() { have docker && timeout 20 docker version >/dev/null 2>&1; }
has_compose() { have docker-compose || docker compose version >/dev/null 2>&1; }

# Export DOCKER_HOST of an engine that answers; 1 and a reason where there is none.
need_engine() {
    remove_abandoned_engines
    if ! have docker || ! has_compose || ! have iptables || ! have ip || ! { engine_answers || have dockerd; }; then
        # In a shell of its own, because a user who cannot install anything can still run the other tests.
        (trap undo_policy EXIT; install docker{.io,-compose} iproute2 iptables) || return 1
    fi
    if engine_answers; then
        # Not every client of the engine knows the contexts of the command line.
        DOCKER_HOST=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
    else
        start_engine || return 1
        DOCKER_HOST=unix://$engine/docker.sock
    fi
    export DOCKER_HOST
}

start_engine() {
    local seconds started_process
    local -a root=()
    ((EUID == 0)) || root=(sudo)
    ((EUID == 0)) || have sudo || { say "a Docker engine can only be started by root."; return 1; }
    say "starting a private Docker engine ..."
    engine=$(owned_folder "$engines" engine) || return 1
    one_at_a_time make_network || { say "this machine does not let a Docker engine have a network."; return 1; }
    # In a session of its own, so that Ctrl-C ends the tests first. A child of this very process, so that
    # it is told to end where this one is killed.
    "${root[@]}" setsid setpriv --pdeathsig TERM dockerd \
        --host "unix://$engine/docker.sock" --group "$(id -gn)" --pidfile "$engine/pid" \
        --data-root "$engine/data" --exec-root "$engine/exec" \
        --bridge "$(bridge_of "$engine")" --default-address-pool "base=$(<"$engine/range"),size=24" \
        --iptables=false --ip6tables=false --ip-forward=false </dev/null >"$engine/log" 2>&1 &
    started_process=$!
    for ((seconds = 0; seconds < 60; seconds++)); do
        if DOCKER_HOST=unix://$engine/docker.sock engine_answers; then return; fi
        [[ -e /proc/$started_process ]] || break
        sleep 1
    done
    grep -E 'level=(error|fatal)|failed' "$engine/log" | tail -n 3 >&2
    say "the Docker engine does not start; the lines above say why."
    return 1
}

stop_engine() {
    [[ -n $engine ]] || return 0
    say "stopping the private Docker engine ..."
    remove_engine "$engine"
    engine=''
}

remove_abandoned_engines() {
    local folder
    while read -r folder; do
        say "removing the Docker engine of a run that was killed ..."
        remove_engine "$folder" || true
    done < <(abandoned "$engines" engine)
}

# End an engine and all that it runs, give back what it changed of the machine, and remove its folder.
# The folder goes last: who is killed in the middle leaves what the next one needs to know.
remove_engine() {
    end_engine "$1"
    one_at_a_time undo_network "$1"
    as_root rm -rf --one-file-system "$1"
}

end_engine() {
    local folder=$1 process
    local -a left
    remove_everything "$folder" >/dev/null 2>&1
    process=$(cat "$folder/pid" 2>/dev/null)
    if [[ -n $process ]] && grep -qsF "$folder/" "/proc/$process/cmdline"; then
        as_root kill "$process" 2>/dev/null
        wait_for_end "$process"
    fi
    # Where the engine did not end well its parts go on, and below each of them a container.
    while mapfile -t left < <(engine_processes "$folder") && ((${#left[@]})); do
        as_root kill -KILL "${left[@]}" 2>/dev/null
        wait_for_end "${left[@]}" || break
    done
    unmount_below "$folder"
}

# Print the processes of an engine and what they started.
engine_processes() {
    local number
    while IFS=/ read -r _ _ number _; do
        if ! grep -qsE '^(dockerd|containerd|docker-proxy)' "/proc/$number/comm"; then continue; fi
        descendants "$number"
        echo "$number"
    done < <(grep -lasF "$1/" /proc/[0-9]*/cmdline 2>/dev/null)
}

# Remove what would outlive the engine: its containers' processes, and the bridges of its networks.
remove_everything() {
    local -a docker=(timeout 60 docker --host "unix://$1/docker.sock") containers
    [[ -S $1/docker.sock ]] || return 0
    mapfile -t containers < <("${docker[@]}" ps --all --quiet)
    ((${#containers[@]} == 0)) || "${docker[@]}" rm --force "${containers[@]}"
    "${docker[@]}" network prune --force
}

# --- the network ----------------------------------------------------------------------------------

# Print the name of an engine's bridge, which has the third number of its range.
bridge_of() {
    local range
    range=$(<"$1/range") && cut -d . -f 3 <<<"$range" | sed 's/^/engine/'
}

make_network() {
    local part range=
    for part in {0..240..16}; do
        [[ -n $(interfaces_in "198.19.$part.0/20") ]] || is_interface "engine$part" || { range=198.19.$part.0/20; break; }
    done
    [[ -n $range ]] || return 1
    forwarding_before >"$engine/forwarded"
    echo "$range" >"$engine/range"
    as_root ip link add name "engine$part" type bridge &&
        as_root ip address add "198.19.$part.1/24" dev "engine$part" &&
        as_root ip link set "engine$part" up &&
        firewall -I "$range" &&
        echo 1 | as_root tee /proc/sys/net/ipv4/ip_forward >/dev/null
}

# Let a range out, and out of the way of whatever else filters here: firewall -I|-D RANGE
firewall() {
    local code=0
    as_root iptables -w -t nat "$1" POSTROUTING -s "$2" ! -d "$2" -j MASQUERADE || code=1
    as_root iptables -w "$1" FORWARD -s "$2" -j ACCEPT || code=1
    as_root iptables -w "$1" FORWARD -d "$2" -j ACCEPT || code=1
    return "$code"
}

undo_network() {
    local range interface
    range=$(cat "$1/range" 2>/dev/null) || return 0
    firewall -D "$range" 2>/dev/null
    # The engine's own, and those of its containers' networks where it could not remove them.
    for interface in $(interfaces_in "$range") "$(bridge_of "$1")"; do
        ! is_interface "$interface" || as_root ip link delete "$interface"
    done
    # The last engine to end gives the switch back.
    if [[ $(cat "$1/forwarded" 2>/dev/null) == 0 && -z $(other_engines "$1") ]]; then
        echo 0 | as_root tee /proc/sys/net/ipv4/ip_forward >/dev/null
    fi
    as_root rm -f "$1/range"
}

is_interface() { ip link show dev "$1" >/dev/null 2>&1; }

# Print the interfaces that have an address of a range 198.19.N.0/20.
interfaces_in() {
    ip -4 -oneline address |
        awk -v first="$(cut -d . -f 3 <<<"$1")" '
            { split($4, n, /[.\/]/) }
            n[1] == 198 && n[2] == 19 && n[3] >= first && n[3] < first + 16 { print $2 }'
}

# Print the folders of the other engines of this kind that have a network.
other_engines() {
    local folder
    for folder in "$engines"/engine.??????; do
        [[ $folder == "$1" ]] || ! as_root test -e "$folder/range" || echo "$folder"
    done
}

# Print the switch as it was before the first of these engines.
forwarding_before() {
    local folder
    for folder in $(other_engines "$engine"); do
        if [[ $(as_root cat "$folder/forwarded" 2>/dev/null) == 0 ]]; then echo 0; return; fi
    done
    cat /proc/sys/net/ipv4/ip_forward
}
