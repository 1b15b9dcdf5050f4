#!/bin/bash
# QEMU 11.1.2 and libvirt 12.8.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: sev-snp-guest checks the length of each measured field alike: QEMU's schema says "16-byte" of
# guest-visible-workarounds, "32-byte" of host-data, "96-byte" of id-block and "4096-byte" of id-auth, and libvirt
# insists on all four.
# Seen: QEMU insists on three. An id-auth of a single byte makes the object, as do 4,095; only 4,097 are refused.
# A wrong length of guest-visible-workarounds is told the wrong way round: "length of 15 exceeds max of 16".
# So an id-auth that was cut short is found by libvirt, and by nothing before the launch where QEMU is run without.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky qemu-system-x86=1:11.1.2+ds-3 libvirt0=12.8.0-1 libvirt-clients libvirt-common

inside bash -s <<'INSIDE' | tee "$work/seen"
zeros() { head -c "$1" /dev/zero | base64 -w 0; }
qemu() { # qemu FIELD BYTES
  printf '%s' '{"execute": "qmp_capabilities"}{"execute": "quit"}' |
    qemu-system-x86_64 -accel tcg -machine none -display none -S -qmp stdio \
      -object "sev-snp-guest,id=snp,cbitpos=51,reduced-phys-bits=1,$1=$(zeros "$2")" 2>&1 | grep -v '^{' || echo taken
}
libvirt() { # libvirt FIELD BYTES
  echo "<domain type='test'><name>guest</name><memory>9</memory><os><type>hvm</type></os><launchSecurity
    type='sev-snp'><policy>0x30000</policy><$1>$(zeros "$2")</$1></launchSecurity></domain>" >/tmp/guest.xml
  virsh -q -c test:///default define --validate /tmp/guest.xml 2>&1 | grep -o 'expected [0-9].*' || echo taken
}

while read -r option element length; do
  for bytes in 1 $((length - 1)) "$length" $((length + 1)); do
    echo "$option $bytes: QEMU $(qemu "$option" "$bytes"); libvirt $(libvirt "$element" "$bytes")"
  done
done <<'FIELDS'
guest-visible-workarounds guestVisibleWorkarounds 16
host-data hostData 32
id-block idBlock 96
id-auth idAuth 4096
FIELDS
INSIDE

seen "^guest-visible-workarounds 15: QEMU .*length of 15 exceeds max of 16; libvirt expected 16 got 15$" \
  "^host-data 31: QEMU .*31 not equal to 32; libvirt expected 32 got 31$" \
  "^id-block 95: QEMU .*95 not equal to 96; libvirt expected 96 got 95$" \
  "^id-auth 1: QEMU taken; libvirt expected 4096 got 1$" "^id-auth 4095: QEMU taken; libvirt expected 4096 got 4095$" \
  "^id-auth 4096: QEMU taken; libvirt taken$" "^id-auth 4097: QEMU [^t].*; libvirt expected 4096 got 4097$"
echo "as it was"
