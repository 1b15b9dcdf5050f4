#!/bin/bash
# virt-install 5.1.0 and libvirt 12.8.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: "virt-install --launchSecurity sev" makes a guest of plain SEV, "a default policy 0x03" by its manual; what
# it writes for sev-snp can be defined, as for tdx.
# Seen: with a libvirt that counts SEV-ES guests at all, the policy is 0x07, SEV-ES: bit 2 asks for it. The count is
# not looked at; it is a text in virt-install, and "0" as good as "15". sev-snp gets no policy, which libvirt insists on:
#   maxESGuests 15          sev   0x07
#   maxESGuests 0           sev   0x07, which no such host can start
#   no maxESGuests          sev   0x03 (an older libvirt)
#   sev,policy=0x03         sev   0x03
#   sev-snp                 no policy: "failed to get launch security policy"
# So a policy is to be given for all but tdx; without one, sev takes a key of those that SEV-ES and SEV-SNP share.
# The capabilities are made up, as no host with SEV is asked for; they go in by virt-install's own test connection.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky virt-install=1:5.1.0-2 libvirt-clients=12.8.0-1

inside bash -s <<'INSIDE' 2>"$work/log" | tee "$work/seen"
cd /tmp
echo "<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><os_type>hvm</os_type><arch name='x86_64'>
  <wordsize>64</wordsize><machine>q35</machine><domain type='kvm'/></arch></guest></capabilities>" >host.xml

written() { # written COUNT SECURITY: what virt-install would define on a host with that count of SEV-ES guests
  echo "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain><machine>q35</machine>
    <arch>x86_64</arch><os supported='yes'><enum name='firmware'><value>efi</value></enum>
    <loader supported='yes'/></os><features><sev supported='yes'><cbitpos>51</cbitpos>
    <reducedPhysBits>1</reducedPhysBits><maxGuests>494</maxGuests>$1</sev></features></domainCapabilities>" >offered.xml
  virt-install --connect "__virtinst_test__test:///default,fakeuri=qemu:///system,caps=host.xml,domcaps=offered.xml" \
    --name guest --memory 512 --osinfo require=off --machine q35 --boot uefi --import --disk none --network none \
    --graphics none --launchSecurity "$2" --print-xml
}

defined() { # what libvirt's test driver makes of the launch security on standard input
  { echo "<domain type='test'><name>guest</name><memory>524288</memory><os><type>hvm</type></os>"
    sed -n '/<launchSecurity/,$p'; } >guest.xml
  virsh -q -c test:///default 'define guest.xml; dumpxml guest' 2>&1 | grep -oE '<policy>[^<]*|error: .*policy.*|<launchS[^>]*/>'
}

for count in "<maxESGuests>15</maxESGuests>" "<maxESGuests>0</maxESGuests>" ""; do
  echo "${count:-no count}: $(written "$count" sev | defined)"
done
for security in sev,policy=0x03 sev-snp sev-snp,policy=0x30000 tdx; do
  echo "$security: $(written "<maxESGuests>15</maxESGuests>" "$security" | defined)"
done
INSIDE

cat "$work/log"
seen "^<maxESGuests>15</maxESGuests>: <policy>0x0007$" "^<maxESGuests>0</maxESGuests>: <policy>0x0007$" \
  "^no count: <policy>0x0003$" "^sev,policy=0x03: <policy>0x0003$" \
  "^sev-snp: error: .*policy" "^sev-snp,policy=0x30000: <policy>0x00030000$" "^tdx: <launchSecurity type='tdx'/>$"
echo "as it was"
