# shellcheck shell=bash
# Have a Docker engine: the one that answers already, or a private one that leaves nothing behind. To be
# sourced after machine.sh. The caller calls stop_engine when it ends, however it ends, without set -e.
#
# The private engine keeps everything in a folder of its own, and networks on a bridge and in a range of
# its own, so that it does not matter whether the machine has another engine, nor what that one does.

engine='' engine_process='' engine_bridge='' engine_range='' engine_forwarded=''

engine_answers() { have docker && docker version >/dev/null 2>&1; }
has_compose() { have docker-compose || docker compose version >/dev/null 2>&1; }

# Export DOCKER_HOST of an engine that answers and has the base image; 1 and a reason where that fails.
need_engine() {
    if ! have docker || ! has_compose || ! have iptables || ! have ip; then
        # In a shell of its own, because whoever cannot install anything can still run the other tests.
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
    "$(dirname "${BASH_SOURCE[0]}")/base-image"
}

start_engine() {
    ((EUID == 0)) || have sudo || { say "a Docker engine can only be started by root."; return 1; }
    say "starting a private Docker engine ..."
    # A disk, unlike some /tmp; and a short name, because sockets have short ones.
    engine=$(mktemp -d /var/tmp/engine.XXXXXX)
    make_network || { say "this machine does not let a Docker engine have a network."; return 1; }
    # In a session of its own, so that Ctrl-C ends the tests first.
    as_root setsid setpriv --pdeathsig TERM dockerd \
        --host "unix://$engine/docker.sock" --group "$(id -gn)" --pidfile "$engine/pid" \
        --data-root "$engine/data" --exec-root "$engine/exec" \
        --bridge "$engine_bridge" --default-address-pool "base=$engine_range,size=24" \
        --iptables=false --ip6tables=false --ip-forward=false </dev/null >"$engine/log" 2>&1 &
    engine_process=$!
    local seconds
    for ((seconds = 0; seconds < 60; seconds++)); do
        if DOCKER_HOST=unix://$engine/docker.sock engine_answers; then return; fi
        [[ -e /proc/$engine_process ]] || break
        sleep 1
    done
    grep -E 'level=(error|fatal)|failed' "$engine/log" | tail -n 3 >&2
    say "the Docker engine does not start; the lines above say why."
    return 1
}

make_network() {
    local part
    for part in {0..240..16}; do
        [[ $(ip -4 address) != *" 198.19.$part."* ]] || continue
        engine_range=198.19.$part.0/20
        break
    done
    as_root ip link add name "engine$$" type bridge || return 1
    engine_bridge=engine$$
    as_root ip address add "${engine_range%.0/20}.1/24" dev "$engine_bridge" &&
        as_root ip link set "$engine_bridge" up &&
        firewall -I || return 1
    engine_forwarded=$(</proc/sys/net/ipv4/ip_forward)
    echo 1 | as_root tee /proc/sys/net/ipv4/ip_forward >/dev/null
}

# Let the range out, and out of the way of whatever else filters here: firewall -I|-D
firewall() {
    as_root iptables -w -t nat "$1" POSTROUTING -s "$engine_range" ! -d "$engine_range" -j MASQUERADE &&
        as_root iptables -w "$1" FORWARD -s "$engine_range" -j ACCEPT &&
        as_root iptables -w "$1" FORWARD -d "$engine_range" -j ACCEPT
}

undo_network() {
    [[ -n $engine_bridge ]] || return 0
    firewall -D
    as_root ip link delete "$engine_bridge"
    [[ $engine_forwarded != 0 ]] || echo 0 | as_root tee /proc/sys/net/ipv4/ip_forward >/dev/null
    engine_bridge=''
}

stop_engine() {
    [[ -n $engine ]] || return 0
    say "stopping the private Docker engine ..."
    local pid mount
    pid=$(cat "$engine/pid" 2>/dev/null || echo "$engine_process")
    if [[ -n $pid ]]; then
        remove_everything >/dev/null 2>&1
        as_root kill "$pid" 2>/dev/null
        wait_for_end "$pid" || as_root kill -KILL "$pid"
    fi
    while read -r _ mount _; do
        [[ $mount != "$engine"/* ]] || as_root umount --lazy "$mount"
    done </proc/mounts
    as_root rm -rf --one-file-system "$engine"
    engine='' engine_process=''
    undo_network
}

# What would outlive the engine: its containers' processes, and the bridges of its networks.
remove_everything() {
    local -a docker=(docker --host "unix://$engine/docker.sock") containers
    mapfile -t containers < <("${docker[@]}" ps --all --quiet)
    ((${#containers[@]} == 0)) || "${docker[@]}" rm --force "${containers[@]}"
    "${docker[@]}" network prune --force
}

wait_for_end() {
    local tenths
    for ((tenths = 0; tenths < 300; tenths++)); do
        [[ -e /proc/$1 ]] || return 0
        sleep 0.1
    done
    return 1
}
