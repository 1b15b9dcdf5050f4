# shellcheck shell=bash
# What the scripts beside this file share: a Debian suite in a folder, which goes when the script ends.
# Exit status of each: 0 as it was, 1 the behaviour changed, 2 it could not be tried.

# The script's own folder, from mktemp.
readonly work root=${work:?}/root
# A mount below stands in a namespace of its own, and is gone by then.
trap 'rm -rf --one-file-system "$work"' EXIT

cannot_try() {
  echo "not tried: $*" >&2
  exit 2
}

# This machine's own mirror, as its apt sources name it.
mirror() {
  local codename
  codename=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
  apt-get --print-uris update | sed -n "s|^'\(.*\)/dists/$codename/main/binary-.*|\1|p" | head -n 1
}

# Python packages are installed without their bytecode: compiling it takes longer than all else, for one run.
no_bytecode() {
  # shellcheck disable=SC2016
  echo 'chroot "$1" dpkg-divert --quiet --local --no-rename --add /usr/bin/py3compile
    ln -s true "$1/usr/bin/py3compile"'
}

# install_debian SUITE PACKAGE=VERSION|PACKAGE...: SUITE in $root. Only those with a version are what a finding
# speaks of; ends the script where the archive holds another one.
install_debian() {
  local suite=$1 pin found
  shift
  unshare --mount --pid --fork --kill-child --mount-proc \
    mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io \
    --essential-hook="$(no_bytecode)" --aptopt='Acquire::Check-Valid-Until "false"' \
    --include="$(printf '%s\n' "${@%%=*}" | paste -sd,)" "$suite" "$root" "$(mirror)" ||
    cannot_try "$suite could not be installed with ${*%%=*}"
  for pin in "$@"; do
    [[ $pin == *=* ]] || continue
    found=$(chroot "$root" dpkg-query -W -f "\${Version}" "${pin%%=*}")
    [ "$found" = "${pin#*=}" ] ||
      cannot_try "version ${pin#*=} of ${pin%%=*} is no longer in the archive ($suite has $found)"
  done
}

# Runs a command in $root, whose /dev holds what every Linux has and nothing of this machine's.
inside() {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child bash -euc '
    mount -t tmpfs tmpfs "$0/dev"
    for node in null zero full random urandom; do
      touch "$0/dev/$node"
      mount --bind "/dev/$node" "$0/dev/$node"
    done
    mount -t proc proc "$0/proc"
    mount -t sysfs -o ro sysfs "$0/sys"
    mount -t tmpfs tmpfs "$0/run"
    exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"' "$root" "$@"
}

# seen PATTERN...: each must match a line of $work/seen, where a script keeps what it saw.
seen() {
  local pattern
  for pattern in "$@"; do
    grep -qE -- "$pattern" "$work/seen" || {
      echo "no longer: $pattern" >&2
      exit 1
    }
  done
}
