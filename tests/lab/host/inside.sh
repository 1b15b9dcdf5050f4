#!/bin/bash
# First process of a lab's own namespaces: lays the root over the cached one,
# starts the daemons, and stays: everything here ends with it.
#
# Usage: inside.sh STATE VARIANT CACHED_ROOT CAPABILITIES
#   CAPABILITIES: folder of QEMU capability files from an earlier start; libvirt
#   checks them itself, so old ones cost time and nothing else.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=host_root.sh
. "$here/host_root.sh"
state=$1 variant=$2 cached=$3 capabilities=$4
root=$state/root host=$state/host
readonly here state variant cached capabilities

# Read before /proc is this namespace's own: the pid that the outside sees.
write_own_pid() {
  local pid
  read -r pid _ </proc/self/stat
  echo "$pid" >"$state/init.new"
  mv "$state/init.new" "$state/init"
}

mount_root() {
  mount -t tmpfs tmpfs "$state/ns"
  mkdir "$state/ns/upper" "$state/ns/work"
  mount -t overlay overlay "$root" \
    -o "lowerdir=$cached,upperdir=$state/ns/upper,workdir=$state/ns/work"
}

mount_system() {
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/dev/shm"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t tmpfs tmpfs "$root/run"
}

bind() {
  mkdir -p "$root/$2"
  mount --bind "$1" "$root/$2"
}

bind_host_root() {
  local path
  for path in sys/module etc/qemu usr/share/{qemu/firmware,OVMF,ovmf} \
    run/tdx-qgs var/{lib/libvirt/images,log/libvirt}; do
    bind "$host/$path" "$path"
  done
  bind "$state/run" run/libvirt
}

seed_capabilities() {
  mkdir -p "$root/var/cache/libvirt/qemu/capabilities"
  cp -p "$capabilities"/*.xml "$root/var/cache/libvirt/qemu/capabilities/" \
    2>/dev/null || true
}

start_daemons() {
  if [[ $variant != no-qgs ]]; then
    "$here/../harness/qgs_listener.py" "$host/run/tdx-qgs/qgs.socket" </dev/null &
  fi
  chroot "$root" virtlogd </dev/null >"$state/logs/virtlogd.log" 2>&1 &
  "$here/libvirtd.sh" "$state" "$variant"
}

mkdir "$state"/{host,logs,ns,root,run}
write_own_pid
make_host_root "$host" "$variant" "$cached"
ip link set lo up
mount_root
mount_system
bind_host_root
seed_capabilities
start_daemons
# A shell, because somebody must reap what QEMU's probes leave behind.
sleep infinity &
wait $!
