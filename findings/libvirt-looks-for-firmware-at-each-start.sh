#!/bin/bash
# libvirt 12.8.0 with QEMU 11.1.2 and ovmf 2026.08 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: firmware='efi' is settled when a guest is defined: libvirt writes the path it chose into <loader>, and from
# then on the descriptors matter to new guests only. One that is masked, to keep ordinary guests off the firmware for
# SEV, leaves those that have it as they are.
# Seen: libvirt looks for a descriptor with that path again, at each start and each define. Once it is masked (or
# its package gone) the guest does not start, and libvirt refuses the XML that it wrote itself, though the schema has
# nothing against it and the file is there: "Unable to find 'efi' firmware that is compatible". A new descriptor in
# front of the old one changes nothing.
# The way out is the same XML without firmware='efi' and <firmware>: then the path alone counts.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 libvirt-daemon-driver-qemu=12.8.0-1 qemu-system-x86=1:11.1.2+ds-3 \
  ovmf-generic=2026.08+ds-2 ovmf-amdsev=2026.08+ds-2 libvirt-clients libvirt-common libxml2-utils

# The QEMU driver in virsh's own process; the guest is started paused, without KVM, and ends with virsh.
inside bash -s <<'INSIDE' | tee "$work/seen"
mkdir -p /tmp/embed/etc /etc/qemu/firmware
printf '%s\n' 'stdio_handler = "file"' 'security_driver = "none"' 'namespaces = []' 'cgroup_controllers = []' \
  'user = "root"' 'group = "root"' >/tmp/embed/etc/qemu.conf
cat >/tmp/guest.xml <<'XML'
<domain type='qemu'><name>guest</name><memory unit='MiB'>256</memory>
  <os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/></firmware>
    <type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
</domain>
XML
virsh() { command virsh -q -c 'qemu:///embed?root=/tmp/embed' "$@" 2>&1 | grep -vE ' (info|warning) : '; }
# What the guest runs with, or why it does not start.
started() {
  virsh 'start guest --paused; dumpxml guest; destroy guest' >/tmp/out
  grep -qE "<domain .* id='" /tmp/out && sed -n 's|.*<loader.*>\(.*\)</loader>|\1|p' /tmp/out || sed -n 2p /tmp/out
}
defined() { virsh define "$1" | grep . || echo taken; }

defined /tmp/guest.xml
virsh dumpxml guest --inactive >/tmp/own.xml
echo "as installed: start $(started)"
echo "as installed: own XML $(defined /tmp/own.xml)"
cp /usr/share/ovmf/OVMF.amdsev.fd /tmp/other.fd
sed 's|/usr/share/ovmf/OVMF.amdsev.fd|/tmp/other.fd|' /usr/share/qemu/firmware/60-edk2-x86_64-amdsev.json \
  >/etc/qemu/firmware/10-other.json
echo "another in front: start $(started)"
rm /etc/qemu/firmware/10-other.json
: >/etc/qemu/firmware/60-edk2-x86_64-amdsev.json
echo "masked: start $(started)"
echo "masked: own XML $(defined /tmp/own.xml | tail -n 1)"
echo "masked: schema $(virt-xml-validate /tmp/own.xml 2>&1)"
sed -e "s/<os firmware='efi'>/<os>/" -e '/<firmware>/,/<\/firmware>/d' /tmp/own.xml >/tmp/path.xml
echo "masked: path alone $(defined /tmp/path.xml)"
echo "masked: path alone, start $(started)"
INSIDE

image=/usr/share/ovmf/OVMF.amdsev.fd none="error: .*Unable to find 'efi' firmware that is compatible"
seen "^as installed: start $image$" "^as installed: own XML taken$" "^another in front: start $image$" \
  "^masked: start $none" "^masked: own XML $none" "^masked: schema .* validates$" "^masked: path alone taken$" \
  "^masked: path alone, start $image$"
echo "as it was"
