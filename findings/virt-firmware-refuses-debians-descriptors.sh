#!/bin/bash
# virt-firmware 26.9 and ovmf 2026.08 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: virt-cloud-boot finds firmware by descriptors, so it takes Debian's: QEMU's firmware.json makes "mode" of
# a flash mapping optional, "split" where it is left out, and Debian leaves it out. --tdx asks for TDX firmware, and
# whoever does not ask gets none.
# Seen: it takes the first descriptor by file name that has what was asked for, whatever else that has. Without a
# mode it can use no flash mapping at all:
#   no option      OVMF.amdsev.fd for a plain guest, since 60-edk2-x86_64-amdsev.json sorts before the generic one
#   --sb           OVMF.inteltdx.ms.fd for a plain guest: the one image with keys that needs no SMM
#   --sb --smm     RuntimeError "not supported: device=flash mode=None", at 40-edk2-x86_64-secure-enrolled.json
#   --snp --sb     "no firmware found": right, and the only one of the four that says so
# A descriptor for virt-firmware must spell "mode": "split" out; libvirt takes both.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-virt-firmware=26.9-1 ovmf=2026.08+ds-2 ovmf-generic=2026.08+ds-2 \
  ovmf-amdsev=2026.08+ds-2 ovmf-inteltdx=2026.08+ds-2 qemu-system-x86 qemu-utils xorriso

inside bash -s <<'INSIDE' | tee "$work/seen"
qemu-img create -q -f qcow2 /tmp/disk.qcow2 1M
try() { # try NAME OPTION...: the firmware file that QEMU would be given, or the last line of what went wrong
  local name=$1 out
  shift
  out=$(virt-cloud-boot --dry-run -i /tmp/disk.qcow2 "$@" 2>&1) || true
  echo "$name: $(sed -n "s/.*'-bios', '\([^']*\)'.*/\1/p; s/.*file=\([^,]*_CODE[^,]*\),.*/\1/p" <<<"$out" |
    grep . || tail -n 1 <<<"$out")"
}
try "no option"
try --sb --sb
try "--sb --smm" --sb --smm
try "--snp --sb" --snp --sb
try --tdx --tdx
sed -i 's/"device": "flash",/&"mode": "split",/' /usr/share/qemu/firmware/40-edk2-x86_64-secure-enrolled.json
try "--sb --smm with mode" --sb --smm
INSIDE

seen "^no option: /usr/share/ovmf/OVMF.amdsev.fd$" "^--sb: /usr/share/ovmf/OVMF.inteltdx.ms.fd$" \
  "^--sb --smm: RuntimeError: not supported: device=flash mode=None$" "^--snp --sb: ERROR: no firmware found$" \
  "^--tdx: /usr/share/ovmf/OVMF.inteltdx.ms.fd$" "^--sb --smm with mode: /usr/share/OVMF/OVMF_CODE_4M.ms.fd$"
echo "as it was"
