# shellcheck shell=bash
# For what builds on the machine that it runs on.

# Says in one sentence, for the program $1, why ccplace cannot be built here, before anything is installed.
check_machine() {
  local why=
  if [ "$(uname -m)" != x86_64 ]; then
    why="ccplace is for x86-64 machines, and this one is $(uname -m)"
  elif ! command -v apt-get >/dev/null; then
    why="building needs Debian's packages, and this machine has no apt-get: see deploy/quadlet/README.md for the container"
  elif is_too_old; then
    why="this release has CMake $(cmake_offered), and 3.25 is the oldest that builds ccplace, as Debian 12 has it: see deploy/quadlet/README.md for the container"
  fi
  [ -z "$why" ] || { echo "$1: $why" >&2; exit 1; }
}

# The version that apt would install; nothing where apt has read no lists yet.
cmake_offered() { apt-cache policy cmake | sed -n 's/^ *Candidate: \([0-9][^-]*\).*/\1/p'; }

is_too_old() {
  local offered
  offered=$(cmake_offered)
  [ -n "$offered" ] && dpkg --compare-versions "$offered" lt 3.25
}
