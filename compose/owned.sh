# shellcheck shell=bash
# Folders that say whose they are, so that a run removes what a killed one left. To be sourced after machine.sh.

# Print who this process is: this boot, its space of process numbers, number and start.
identity() { printf '%s %s %s %s\n' "$(</proc/sys/kernel/random/boot_id)" "$(process_space)" "$$" "$(started "$$")"; }
process_space() { readlink /proc/self/ns/pid || echo -; }

# Print when a process started, in ticks since the boot; nothing where there is none.
started() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    # The name of the program, in parentheses, may hold spaces.
    awk '{ print $20 }' <<<"${stat##*) }"
}

# Make a private folder that belongs to this process, and print its name: owned_folder PARENT PREFIX
owned_folder() {
    local folder
    folder=$(mktemp -d "$1/$2.XXXXXX" 2>/dev/null) || return 1
    identity >"$folder/owner" || { rm -rf "$folder"; return 1; }
    echo "$folder"
}

# Say whether the process that a folder belongs to still runs. In doubt it does: a folder of an unknown owner
# stays, but for an empty one, which was left between its making and the naming of its owner.
is_alive() {
    local boot space number start
    if ! read -r boot space number start 2>/dev/null <"$1/owner"; then
        [[ -z $(find "$1" -maxdepth 0 -empty -mmin +5) ]]
        return
    fi
    [[ $boot == "$(</proc/sys/kernel/random/boot_id)" ]] || return 1
    [[ $space == "$(process_space)" ]] || return 0
    [[ $(started "$number") == "$start" ]]
}

# Print the folders of this user whose owner was killed: abandoned PARENT PREFIX
abandoned() {
    local folder
    for folder in "$1/$2".??????; do
        [[ -d $folder && ! -L $folder && -O $folder ]] || continue
        is_alive "$folder" || echo "$folder"
    done
}

# Print the processes whose environment or command line names something in a folder.
processes_of() {
    grep -lasF -- "$1/" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null |
        cut -d / -f 3 | sort -un | grep -vx "$$" || true
}

# End what still runs in a folder, and remove it.
remove_folder() {
    local -a left
    mapfile -t left < <(processes_of "$1")
    if ((${#left[@]})); then
        kill -TERM "${left[@]}" 2>/dev/null
        wait_for_end "${left[@]}" || kill -KILL "${left[@]}" 2>/dev/null
    fi
    unmount_below "$1"
    rm -rf --one-file-system "$1" 2>/dev/null || as_root rm -rf --one-file-system "$1"
}

unmount_below() {
    local mount
    while read -r _ mount _; do
        [[ $mount != "$1"/* ]] || as_root umount --lazy "$mount"
    done < <(tac /proc/mounts)
}

# Remove what this user's killed processes left: remove_abandoned_folders PARENT PREFIX
remove_abandoned_folders() {
    local folder
    while read -r folder; do
        say "removing what a run left that was killed: $folder"
        remove_folder "$folder" || true
    done < <(abandoned "$1" "$2")
}

# Print a process's children, theirs, and so on.
descendants() {
    local child
    while read -r child; do
        if [[ -n $child ]]; then descendants "$child"; echo "$child"; fi
    done < <(cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n')
}

# Wait until processes have ended, ten seconds at most; 1 where one has not.
wait_for_end() {
    local tenths number
    for ((tenths = 0; tenths < 100; tenths++)); do
        for number; do
            [[ ! -e /proc/$number ]] || { sleep 0.1; continue 2; }
        done
        return 0
    done
    return 1
}
