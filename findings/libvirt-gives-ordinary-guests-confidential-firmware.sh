#!/bin/bash
# libvirt 12.8.0 with QEMU 11.1.2 and ovmf 2026.08 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: an ordinary guest (no <launchSecurity>) with firmware='efi' gets ordinary firmware, split into code
# and a variable store; images made for SEV or TDX go to guests that ask for SEV or TDX.
# Seen: a descriptor's amd-sev and intel-tdx say what firmware can do, and keep no guest away. libvirt takes the
# first descriptor by file name that fits, and 60-edk2-x86_64-amdsev.json sorts before 60-edk2-x86_64.json
# ('-' before '.'). Debian's ovmf depends on both packages, so on a q35 host as installed:
#   secure boot refused           OVMF.amdsev.fd as ROM, and no variable store: boot entries do not last
#   <smm state='off'/>            the same
#   secure boot and stateless     OVMF.inteltdx.ms.fd
#   machine type pc               OVMF_CODE_4M.fd and a variable store, as guessed: the two are for q35 alone
# An empty /etc/qemu/firmware/60-edk2-x86_64-amdsev.json gives the first its variable store back, and hands the
# second, whose XML names no secure boot, the TDX image with Microsoft's keys enrolled.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 libvirt-daemon-driver-qemu=12.8.0-1 qemu-system-x86=1:11.1.2+ds-3 \
  ovmf=2026.08+ds-2 ovmf-amdsev=2026.08+ds-2 ovmf-inteltdx=2026.08+ds-2 libvirt-clients

# The QEMU driver in virsh's own process, without KVM.
inside bash -s <<'INSIDE' | tee "$work/seen"
firmware() { # firmware NAME MACHINE OS FEATURES
  cat >/tmp/guest.xml <<XML
<domain type='qemu'><name>guest</name><memory unit='MiB'>256</memory>
  <os firmware='efi'><type arch='x86_64' machine='$2'>hvm</type>$3</os><features><acpi/>$4</features>
</domain>
XML
  echo "$1: $(virsh -q -c 'qemu:///embed?root=/tmp/embed' domxml-to-native qemu-argv /tmp/guest.xml |
    grep -oE '[^/"]+\.fd' | sort | paste -sd ' ')"
}
secure_boot() { echo "<firmware><feature enabled='$1' name='secure-boot'/></firmware>"; }

firmware "q35, secure boot refused" q35 "$(secure_boot no)"
firmware "q35, no SMM" q35 "" "<smm state='off'/>"
firmware "q35, secure boot, stateless" q35 "$(secure_boot yes)<loader stateless='yes'/>"
firmware "pc, secure boot refused" pc "$(secure_boot no)"
mkdir -p /etc/qemu/firmware
: >/etc/qemu/firmware/60-edk2-x86_64-amdsev.json
firmware "masked: q35, secure boot refused" q35 "$(secure_boot no)"
firmware "masked: q35, no SMM" q35 "" "<smm state='off'/>"
INSIDE

seen "^q35, secure boot refused: OVMF.amdsev.fd$" "^q35, no SMM: OVMF.amdsev.fd$" \
  "^q35, secure boot, stateless: OVMF.inteltdx.ms.fd$" \
  "^pc, secure boot refused: OVMF_CODE_4M.fd guest_VARS.fd$" \
  "^masked: q35, secure boot refused: OVMF_CODE_4M.fd guest_VARS.fd$" \
  "^masked: q35, no SMM: OVMF.inteltdx.ms.fd$"
echo "as it was"
