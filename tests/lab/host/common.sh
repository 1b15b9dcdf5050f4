# shellcheck shell=bash
# What every part of the lab's script shares: messages, timing, the cache.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache_dir=${CCPLACE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ccplace}
readonly lab_dir cache_dir

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
  printf 'lab: error: %s\n' "$*" >&2
  exit 1
}

# Milliseconds since some fixed moment.
now_ms() {
  local microseconds=${EPOCHREALTIME/./}
  echo "${microseconds%???}"
}

# step MESSAGE COMMAND...: runs COMMAND and says how long it took. COMMAND is no
# condition here, so that a failure within still ends the script (set -e).
step() {
  local message=$1 started status
  shift
  started=$(now_ms)
  "$@"
  status=$?
  ((status == 0)) || message="failed: $message"
  say "$message ($(($(now_ms) - started)) ms)"
  return "$status"
}

# A lab that cannot run is skipped aloud, and is a failure where nothing may be skipped.
skip() {
  if [[ ${CI:-} == true ]]; then
    die "the lab must run here and cannot: $*"
  fi
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

require_root() {
  [[ $EUID -eq 0 ]] || skip "the lab mounts filesystems and needs root"
}

# listens SOCKET: whether somebody takes connections there.
listens() { "$lab_dir/../support/unix_socket.py" "$1" 2>/dev/null; }

# wait_until SECONDS COMMAND...: polls COMMAND; false when the time is over.
wait_until() {
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@"; do
    (($(now_ms) < deadline)) || return 1
    sleep 0.05
  done
}
