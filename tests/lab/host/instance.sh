# shellcheck shell=bash
# One running lab: its state folder, its processes, what can be done to it.
#
# STATE holds env (what a caller needs to know), host (the host root), run
# (libvirt's sockets), kvm (what steers KVM and what it records:
# preload/fake_kvm/fake_kvm.h), log and logs, and init (the pid of the first process
# inside). tests/support/contained.py supervises, and removes STATE in the end.

readonly ready_seconds=60
# sun_path holds 108 bytes (unix(7)); "/run/libvirt-sock-ro" is the longest name.
readonly longest_state=80

# Whether process PID lives; one that nobody has reaped yet does not.
alive() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ $stat != *") Z "* ]]
}

running() { [[ -f $state/init ]] && alive "$(<"$state/init")"; }

enter() {
  # With its root too: that of the mount namespace is another one where this runs in a chroot.
  nsenter --target "$(<"$state/init")" --mount --pid --net --ipc --root -- "$@"
}

in_lab() { enter chroot "$state/root" "$@"; }

# The pids, seen from outside, of the lab's processes named NAME.
pids_of() {
  pgrep --ns "$(<"$state/init")" --nslist pid --exact "$1" || true
}

load_env() {
  running || die "no lab runs in $state"
  [[ -f $state/env ]] || die "the lab in $state has not started wholly"
  # shellcheck source=/dev/null
  . "$state/env"
}

check_state_folder() {
  ((${#state} <= longest_state)) ||
    die "state folder is longer than $longest_state bytes: $state"
  [[ ! -e $state || -z $(ls -A "$state") ]] ||
    die "state folder is not empty and no lab runs there: $state"
}

capabilities_folder() {
  local offered=plain
  has_tdx_kvm "$1" && offered=tdx
  [[ $1 != amd ]] || offered=sev
  echo "$(root_path lab)-capabilities/$(fake_kvm_hash)-$offered-$(parameter_of "$1")"
}

contained() { "$lab_dir/../support/contained.py" "$1" --dir "$state" "${@:2}"; }

supervised() { contained status; }

start_supervisor() {
  contained start --owner "$owner" --sweep -- \
    unshare --net --ipc "$lab_dir/host/inside.sh" "$state" "$variant" \
    "$(root_path lab)" "$(fake_kvm_path)" "$(capabilities_folder "$variant")"
}

# libvirtd is there, or nobody is left to start it.
libvirtd_settled() { listens "$state/run/libvirt-sock" || ! supervised; }

domain_capabilities() {
  in_lab timeout "$ready_seconds" virsh -q -c qemu:///system \
    domcapabilities --virttype kvm --machine q35
}

wait_for_libvirtd() {
  wait_until "$ready_seconds" libvirtd_settled && running &&
    domain_capabilities >/dev/null
}

# Keeps what libvirtd learned about QEMU for the next start.
keep_capabilities() {
  local folder file
  folder=$(capabilities_folder "$variant")
  mkdir -p "$folder"
  for file in "$(outside_root)"/var/cache/libvirt/qemu/capabilities/*.xml; do
    cmp -s "$file" "$folder/${file##*/}" && continue
    cp -p "$file" "$folder/.${file##*/}.$$"
    mv "$folder/.${file##*/}.$$" "$folder/${file##*/}"
  done
}

outside_root() { echo "/proc/$(<"$state/init")/root$state/root"; }

write_env() {
  cat >"$state/env.new" <<ENV
VARIANT='$variant'
STATE='$state'
LIBVIRT_URI='qemu+unix:///system?socket=$state/run/libvirt-sock'
HOST_ROOT='$state/host'
LAB_ROOT='$(outside_root)'
INIT_PID='$(<"$state/init")'
ENV
  mv "$state/env.new" "$state/env"
}

give_up() {
  tail -n 20 "$state"/log "$state"/logs/* >&2 2>/dev/null || true
  stop_lab
  die "$*"
}

start_new() {
  sweep_remains
  check_state_folder
  start_supervisor
  step "libvirtd answers" wait_for_libvirtd ||
    give_up "libvirtd does not answer"
  keep_capabilities
  write_env
}

start_lab() {
  is_variant "$variant" || die "variant '$variant' is none of: ${variants[*]}"
  require_root
  make_root lab
  make_fake_kvm
  if running; then
    load_env
    [[ $VARIANT == "$variant" ]] || die "variant $VARIANT runs in $state"
  else
    step "started variant $variant in $state" start_new
  fi
  cat "$state/env"
}

# What a supervisor left behind that was itself killed, or whose lab broke.
sweep_remains() {
  [[ -f $state/supervisor.lock ]] || return 0
  supervised || rm -rf --one-file-system "$state"
}

swept() {
  sweep_remains
  [[ ! -e $state ]]
}

stop_lab() {
  [[ -f $state/supervisor.lock ]] || return 0
  contained stop
  wait_until 10 swept || die "could not remove $state"
}

signal_libvirtd() {
  load_env
  # shellcheck disable=SC2046  # One argument per pid.
  kill "-$1" $(pids_of libvirtd)
}

libvirtd_gone() { [[ -z $(pids_of libvirtd) ]]; }

all_gone() {
  local pid
  for pid in "$@"; do
    [[ ! -e /proc/$pid ]] || return 1
  done
}

# Waits for the killed ones alone: an activated socket starts another daemon at once.
kill_libvirtd() {
  load_env
  local killed
  killed=$(pids_of libvirtd)
  [[ $killed ]] || return 0
  # shellcheck disable=SC2086  # One argument per pid.
  kill -KILL $killed
  # shellcheck disable=SC2086
  wait_until 10 all_gone $killed || die "libvirtd did not die"
}

# The socket of the killed one would pass for the new one's.
revive_libvirtd() {
  load_env
  libvirtd_gone || die "libvirtd runs"
  rm -f "$state"/run/libvirt-sock*
  enter "$lab_dir/host/libvirtd.sh" "$state"
  wait_for_libvirtd || die "libvirtd did not answer within $ready_seconds s"
}

# As on a modular host: no libvirtd and no socket of it.
modular_libvirtd() {
  [[ $1 =~ ^[0-9]+$ ]] || die "a number of seconds is needed, not '$1'"
  kill_libvirtd
  rm -f "$state"/run/libvirt-sock*
  enter "$lab_dir/harness/socket_activator.py" "$state" "$1" </dev/null \
    >>"$state/logs/activator.log" 2>&1 &
  wait_until 10 test -S "$state/run/virtqemud-sock" || die "virtqemud's socket is not there"
}
