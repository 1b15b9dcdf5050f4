#!/bin/bash
# First process of a lab's own namespaces: lays the root over the cached one,
# starts the daemons, and stays: everything here ends with it.
#
# Usage: inside.sh STATE VARIANT CACHED_ROOT FAKE_KVM CAPABILITIES
#   FAKE_KVM: the library that is KVM here.
#   CAPABILITIES: folder of QEMU capability files from an earlier start; libvirt
#   checks them itself, so old ones cost time and nothing else.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=host_root.sh
. "$here/host_root.sh"
state=$1 variant=$2 cached=$3 fake_kvm=$4 capabilities=$5
root=$state/root host=$state/host
readonly here state variant cached fake_kvm capabilities

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

# The same on every machine. Its kvm and sev are plain files, which libvirt looks at
# and QEMU opens; those of the machine, if it has them, are not touched.
mount_dev() {
  local dev=$root/dev node
  mount -t tmpfs -o mode=0755 tmpfs "$dev"
  for node in null zero full random urandom tty; do
    : >"$dev/$node"
    mount --bind "/dev/$node" "$dev/$node"
  done
  mkdir "$dev/pts" "$dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$dev/pts"
  mount -t tmpfs tmpfs "$dev/shm"
  ln -s pts/ptmx "$dev/ptmx"
  ln -s /proc/self/fd "$dev/fd"
  ln -s fd/0 "$dev/stdin"
  ln -s fd/1 "$dev/stdout"
  ln -s fd/2 "$dev/stderr"
  install -m 0600 /dev/null "$dev/kvm"
  [[ $variant != amd ]] || install -m 0600 /dev/null "$dev/sev"
}

mount_system() {
  mount_dev
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
  bind "$state/kvm" run/fake-kvm
}

install_fake_kvm() {
  mkdir "$state/kvm/switches" "$state/kvm/guests"
  has_tdx_kvm "$variant" || : >"$state/kvm/switches/no-tdx"
  [[ $variant != amd ]] || : >"$state/kvm/switches/amd"
  install -m 0755 "$fake_kvm" "$root/usr/lib/fake_kvm.so"
}

seed_capabilities() {
  mkdir -p "$root/var/cache/libvirt/qemu/capabilities"
  cp -p "$capabilities"/*.xml "$root/var/cache/libvirt/qemu/capabilities/" \
    2>/dev/null || true
}

start_key_pool() {
  "$here/../harness/key_pool.py" "$state/kvm/keys" "$(misc_folder "$host" "$variant")" </dev/null &
}

# Every virtual machine is a connection to it, those of libvirt's probes too.
wait_for_key_pool() { until [[ -S $state/kvm/keys ]]; do sleep 0.01; done; }

start_daemons() {
  if [[ $variant != no-qgs ]]; then
    "$here/../harness/qgs_listener.py" "$host/run/tdx-qgs/qgs.socket" </dev/null &
  fi
  wait_for_key_pool
  chroot "$root" virtlogd </dev/null >"$state/logs/virtlogd.log" 2>&1 &
  "$here/libvirtd.sh" "$state"
}

mkdir "$state"/{host,kvm,logs,ns,root,run}
write_own_pid
start_key_pool
make_host_root "$host" "$variant" "$cached"
ip link set lo up
mount_root
mount_system
bind_host_root
install_fake_kvm
seed_capabilities
start_daemons
# A shell, because somebody must reap what QEMU's probes leave behind.
sleep infinity &
wait $!
