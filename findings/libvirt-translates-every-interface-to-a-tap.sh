#!/bin/bash
# libvirt 12.8.0 with QEMU 11.1.2 (Debian forky), on Debian as root with mmdebstrap and the kernel's tun.
#
# Guessed: domxml-to-native converts XML and needs nothing of the host; each kind of interface has its own
# -netdev in the answer, with queues and vhost of its driver, and what rests on open file descriptors is refused
# (the manual: some configs cannot be converted for that reason).
# Seen: user, bridge, direct, network, ethernet and vdpa all become one {"type":"tap","fd":"N"}: the fd is one
# that libvirt opened for the question, queues='4' and vhost are gone, and so is the vdpa device. The tap is a
# real one: without /dev/net/tun the question is refused, for user and vdpa too, which have nothing to do with it.
# A vsock comes out as vhostfd -1, with the CID 0 where it was automatic.
# So the answer is no command line that could be run, and a question about anything else in a domain (which
# firmware?) is better asked without the interfaces.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 libvirt-daemon-driver-qemu=12.8.0-1 qemu-system-x86=1:11.1.2+ds-3 \
  libvirt-clients

inside bash -s <<'INSIDE' | tee "$work/seen"
translated() { # translated NAME DEVICE
  echo "<domain type='qemu'><name>guest</name><memory unit='MiB'>256</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>$2</devices></domain>" >/tmp/guest.xml
  echo "$1: $(virsh -q -c 'qemu:///embed?root=/tmp/embed' domxml-to-native qemu-argv /tmp/guest.xml 2>&1 |
    sed -nE "s/.*-netdev '([^']*)'.*/\1/p; s/.*-device '(\{\"driver\":\"vhost-vsock[^']*)'.*/\1/p; /^error/p")"
}
interface() { # interface NAME TYPE SOURCE
  translated "$1" "<interface type='$2'>$3<model type='virtio'/><driver name='vhost' queues='4'/></interface>"
}
vdpa="<source dev='/dev/vhost-vdpa-0'/>"

interface "vdpa without tun" vdpa "$vdpa"
interface "user without tun" user
mkdir -p /dev/net
mknod /dev/net/tun c 10 200
interface bridge bridge "<source bridge='none0'/>"
interface direct direct "<source dev='none0'/>"
interface network network "<source network='none'/>"
interface ethernet ethernet
interface vdpa vdpa "$vdpa"
interface user user
translated "vsock 7" "<vsock model='virtio'><cid auto='no' address='7'/></vsock>"
translated "vsock auto" "<vsock model='virtio'><cid auto='yes'/></vsock>"
INSIDE

seen "^vdpa without tun: error: Unable to open /dev/net/tun" "^user without tun: error: Unable to open /dev/net/tun"
grep -q "^bridge: error: Unable to open /dev/net/tun" "$work/seen" && cannot_try "this kernel has no tun device"
for kind in bridge direct network ethernet vdpa user; do
  seen "^$kind: \{\"type\":\"tap\",\"fd\":\"[0-9]+\",\"id\":\"hostnet0\"\}$"
done
seen '^vsock 7: .*"guest-cid":7,"vhostfd":"-1"' '^vsock auto: .*"guest-cid":0,"vhostfd":"-1"'
echo "as it was"
