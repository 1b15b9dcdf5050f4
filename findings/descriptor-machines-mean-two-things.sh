#!/bin/bash
# libvirt 12.8.0 with QEMU 11.1.2, and virt-firmware 26.9 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: "machines" of a firmware descriptor, globs by QEMU's firmware.json, mean the same to everybody who reads
# descriptors; "q35" there fits a guest whose XML says machine='q35'.
# Seen: libvirt makes pc-q35-11.1 of q35 first and matches that, with * and ? only: the alias never fits, nor does a
# bracket. virt-firmware compares letters, q35 with "q35" and with "pc-q35-*", and expands nothing. They agree on the
# last one alone:
#                                  libvirt   virt-firmware
#   pc-q35-*                       yes       yes
#   q35                            no        yes
#   pc-q35-11.*  pc-q35-1?.*       yes       no
#   *                              yes       no
#   pc-q35-1[0-9].*                no        no
# So a descriptor can say "from QEMU 10 on", which TDX needs, to libvirt only; whoever drops QEMU's glob for a neater
# one takes the firmware away from one of the two.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 libvirt-daemon-driver-qemu=12.8.0-1 qemu-system-x86=1:11.1.2+ds-3 \
  python3-virt-firmware=26.9-1 libvirt-clients qemu-utils xorriso

inside bash -s <<'INSIDE' | tee "$work/seen"
mkdir -p /usr/share/qemu/firmware
rm -f /usr/share/qemu/firmware/*
truncate -s 64K /tmp/firmware.fd
qemu-img create -q -f qcow2 /tmp/disk.qcow2 1M
cat >/tmp/guest.xml <<'XML'
<domain type='qemu'><name>guest</name><memory unit='MiB'>256</memory>
  <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
</domain>
XML
used() { if "$@" 2>&1 | grep -q /tmp/firmware.fd; then echo yes; else echo no; fi; }

for machines in 'pc-q35-*' q35 'pc-q35-11.*' 'pc-q35-1?.*' 'pc-q35-1[0-9].*' '*' 'pc-i440fx-*'; do
  cat >/usr/share/qemu/firmware/10-here.json <<JSON
{"description": "here", "interface-types": ["uefi"], "mapping": {"device": "memory", "filename": "/tmp/firmware.fd"},
 "targets": [{"architecture": "x86_64", "machines": ["$machines"]}], "features": [], "tags": []}
JSON
  echo "$machines: libvirt" \
    "$(used virsh -q -c 'qemu:///embed?root=/tmp/embed' domxml-to-native qemu-argv /tmp/guest.xml)," \
    "virt-firmware $(used virt-cloud-boot --dry-run -i /tmp/disk.qcow2)"
done
INSIDE

seen '^pc-q35-\*: libvirt yes, virt-firmware yes$' '^q35: libvirt no, virt-firmware yes$' \
  '^pc-q35-11\.\*: libvirt yes, virt-firmware no$' '^pc-q35-1\?\.\*: libvirt yes, virt-firmware no$' \
  '^pc-q35-1\[0-9\]\.\*: libvirt no, virt-firmware no$' '^\*: libvirt yes, virt-firmware no$' \
  '^pc-i440fx-\*: libvirt no, virt-firmware no$'
echo "as it was"
