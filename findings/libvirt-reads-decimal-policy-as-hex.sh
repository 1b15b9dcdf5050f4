#!/bin/bash
# libvirt 12.8.0 and QEMU 11.1.2 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: <policy> of <launchSecurity> takes 0x30000 or, as a PCI address in the same XML does, decimal 196608; or
# the schema refuses digits without 0x.
# Seen: decimal digits pass the schema and are read as hexadecimal, without a word. QEMU shows the policy of a
# running guest in decimal (QMP qom-get), so the figure copied from there becomes another policy:
#   sev-snp  196608 (0x30000)         is stored as 0x00196608
#   tdx      268435456 (0x10000000)   is stored as 0x268435456
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 qemu-system-x86=1:11.1.2+ds-3 libvirt-clients libvirt-common

# libvirt's test driver keeps a domain's XML as the QEMU driver does; QEMU starts no guest here.
inside bash -s <<'INSIDE' | tee "$work/seen"
stored() { # stored TYPE POLICY
  echo "<domain type='test'><name>guest</name><memory>9</memory><os><type>hvm</type></os>
    <launchSecurity type='$1'><policy>$2</policy></launchSecurity></domain>" >/tmp/guest.xml
  virsh -q -c test:///default 'define --validate /tmp/guest.xml; dumpxml guest' |
    sed -n "s|^ *<policy>\(.*\)</policy>|$1 $2: libvirt keeps \1|p"
}

stored sev-snp 0x30000
stored tdx 0x10000000
snp=$(printf '%s' '{"execute": "qmp_capabilities"}' \
  '{"execute": "qom-get", "arguments": {"path": "/objects/snp", "property": "policy"}}' '{"execute": "quit"}' |
  qemu-system-x86_64 -accel tcg -machine none -display none -S -qmp stdio \
    -object sev-snp-guest,id=snp,cbitpos=51,reduced-phys-bits=1,policy=0x30000 |
  sed -n 's/^{"return": \([0-9]*\)}.*/\1/p')
echo "sev-snp 0x30000: QEMU shows $snp"
stored sev-snp "$snp"
stored tdx 268435456
INSIDE

seen "^sev-snp 0x30000: libvirt keeps 0x00030000$" "^tdx 0x10000000: libvirt keeps 0x10000000$" \
  "^sev-snp 0x30000: QEMU shows 196608$" "^sev-snp 196608: libvirt keeps 0x00196608$" \
  "^tdx 268435456: libvirt keeps 0x268435456$"
echo "as it was"
