# What the scripts of an update share. Sourced, never run.
#
# VITALPOST_UPDATE_ROOT stands before every path, so that a test has a box of its own.

root="${VITALPOST_UPDATE_ROOT:-}"
config="$root/etc/vitalpost/vitalpost.toml"
# On the data partition: it outlives the change of the slot.
trial="$root/var/lib/vitalpost-update/trial"
# The store as it was before an update that writes it in a way which this version cannot read.
store_copy="$root/var/lib/vitalpost-update/store-before-update"
# Gone with the next start. What was asked and answered is root's; what is told there the post reads.
run="$root/run/vitalpost-update"

# say WORDS: to whoever stands there, and to the journal, where it goes by itself from a service.
say() {
    printf '%s\n' "$*" >&2
    [ -n "${JOURNAL_STREAM:-}" ] || logger -t vitalpost-update -- "$*" 2>/dev/null || true
}

make_run() {
    mkdir -p "$run"
    chmod 755 "$run"
}

# tell STATE VERSION [WHY]: what the post shows on its page (appliance/src/selftest/software.rs).
tell() {
    make_run
    printf 'state=%s\nversion=%s\nwhy=%s\n' "$1" "$2" "$(printf '%s' "${3:-}" | tr '\n' ' ')" > "$run/told.new"
    chmod 644 "$run/told.new"
    mv "$run/told.new" "$run/told"
}

# value KEY < lines of KEY=VALUE or KEY='VALUE'
value() {
    sed -n "s/^$1=['\"]\{0,1\}\([^'\"]*\)['\"]\{0,1\}\$/\1/p" | head -n 1
}

# The version of the image that runs.
running() { value IMAGE_VERSION < "$root/etc/os-release"; }

this_boot() { cat "$root/proc/sys/kernel/random/boot_id"; }

# booted: the bootloader's name of the slot that runs.
booted() { rauc status --output-format=shell 2>/dev/null | value RAUC_SYSTEM_BOOTED_BOOTNAME; }

# begin_trial SLOT RUNNING OFFERED: what the gate judges after the next start.
begin_trial() {
    mkdir -p "${trial%/*}"
    printf 'from=%s\nboot=%s\nrunning=%s\noffered=%s\n' "$1" "$(this_boot)" "$2" "$3" > "$trial.new"
    sync "$trial.new"
    mv "$trial.new" "$trial"
    sync "${trial%/*}"
}

end_trial() {
    rm -f "$trial"
    sync "${trial%/*}"
}

# allow STEP RUNNING OFFERED [OPTION...]: asks the post; says why not.
allow() {
    step="$1" from="$2" to="$3"
    shift 3
    if answer=$(vitalpost allow-update --config "$config" --step "$step" --running "$from" --offered "$to" "$@" 2>&1); then
        say "$step $to over $from: $answer"
        return 0
    fi
    answer=$(printf '%s\n' "$answer" | sed 's/^vitalpost: //')
    say "$step $to over $from refused: $answer"
    return 1
}
