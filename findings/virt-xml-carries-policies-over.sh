#!/bin/bash
# virt-install 5.1.0 and libvirt 12.8.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: "virt-xml GUEST --edit --launchSecurity type=tdx" makes a trust domain of an SEV guest: what belongs to SEV
# goes with the type, or libvirt refuses what is left of it.
# Seen: virt-xml changes the attribute alone. The schema refuses the rest; but virt-xml asks for the schema no more
# than "virsh define" does, and without it libvirt drops dhCert and session and keeps <policy>, whose bits mean
# something else by then:
#   sev, 0x0001              no debugging
#   type=tdx                 0x1          debugging, by the same bit; QEMU refuses it at the start
#   type=sev-snp             0x00000001   firmware of ABI 0.1, and without the bit 17 that each such policy has
#   tdx 0x10000000 to sev    0x10000000   firmware of ABI 0.16, and debugging allowed
#   clearxml=yes,type=tdx    none         as it should be: clearxml is the word to begin with
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky virt-install=1:5.1.0-2 libvirt-clients=12.8.0-1

inside bash -s <<'INSIDE' | tee "$work/seen"
cd /tmp
SEV="<launchSecurity type='sev'><cbitpos>51</cbitpos><reducedPhysBits>1</reducedPhysBits><policy>0x0001</policy>
  <dhCert>AAAA</dhCert><session>AAAA</session></launchSecurity>"
TDX="<launchSecurity type='tdx'><policy>0x10000000</policy></launchSecurity>"

edited() { # edited SECURITY EDIT [OPTION]: what libvirt's test driver keeps of the launch security that virt-xml wrote
  echo "<domain type='test'><name>guest</name><memory>524288</memory><os><type>hvm</type></os>$1</domain>" |
    virt-xml --connect test:///default --edit --launchSecurity "$2" --print-xml >guest.xml
  virsh -q -c test:///default "define guest.xml ${3:-}; dumpxml guest" 2>&1 |
    sed -n '/<launchSecurity/,/<\/launchSecurity\|\/>/p; /error: .*schema/p' | tr -d '\n' | tr -s ' '
}

for edit in type=tdx type=sev-snp clearxml=yes,type=tdx; do echo "$edit:$(edited "$SEV" "$edit")"; done
echo "--validate:$(edited "$SEV" type=tdx --validate)"
echo "from tdx:$(edited "$TDX" type=sev)"
INSIDE

seen "^type=tdx: <launchSecurity type='tdx'> <policy>0x1</policy> </launchSecurity>$" \
  "^type=sev-snp: <launchSecurity type='sev-snp'>.* <policy>0x00000001</policy> </launchSecurity>$" \
  "^clearxml=yes,type=tdx: <launchSecurity type='tdx'/>" "^--validate:error: .*failed to validate against schema" \
  "^from tdx: <launchSecurity type='sev'> <policy>0x10000000</policy> </launchSecurity>$"
echo "as it was"
