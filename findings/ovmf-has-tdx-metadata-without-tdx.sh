#!/bin/bash
# ovmf 2026.08 with virt-firmware 26.9 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: the TDX metadata in an image (what QEMU reads to lay out a trust domain, and what MRTD is computed from)
# tells firmware for TDX from other firmware; so does SEV's for SEV.
# Seen: every OVMF image of Debian has both, whatever it was made for. What tells is the drivers within, and
# these agree neither with the metadata nor with the descriptors' features:
#   OVMF.inteltdx.ms.fd   TDX metadata, TdxDxe;     SEV metadata, no AmdSevDxe;  descriptor intel-tdx
#   OVMF.amdsev.fd        TDX metadata, no TdxDxe;  SEV metadata, AmdSevDxe;     descriptor amd-sev*, no intel-tdx
#   OVMF_CODE_4M.fd       TDX metadata, TdxDxe;     SEV metadata, AmdSevDxe;     descriptor amd-sev alone
# In the TDX image the blocks of SEV's launch secret and kernel hashes stand at address 0. So a file that has TDX
# metadata, and an MRTD to compute, need not be made for trust domains: only a descriptor says what is.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-virt-firmware=26.9-1 ovmf-generic=2026.08+ds-2 ovmf-amdsev=2026.08+ds-2 \
  ovmf-inteltdx=2026.08+ds-2

inside bash -s <<'INSIDE' | tee "$work/seen"
for image in ovmf/OVMF.inteltdx.ms.fd ovmf/OVMF.amdsev.fd OVMF/OVMF_CODE_4M.fd; do
  file=/usr/share/$image
  meta=$(virt-fw-dump --meta -i "$file")
  modules=$(virt-fw-dump --modules -i "$file")
  echo "$(basename "$image"):" \
    "TDX metadata $(grep -cE "type=(BFV|CFV|TD Hob)" <<<"$meta")," \
    "TdxDxe $(grep -c "name=TdxDxe" <<<"$modules")," \
    "SEV metadata $(grep -cE "type=(Secrets|CPUID)" <<<"$meta")," \
    "AmdSevDxe $(grep -c "name=AmdSevDxe" <<<"$modules")," \
    "hash table at $(sed -n "s/.*mbase=\(0x[0-9a-f]*\).*type=HashTableBlock/\1/p" <<<"$meta")," \
    "descriptors $(grep -lF "\"$file\"" /usr/share/qemu/firmware/*.json | xargs cat |
      grep -oE "(amd-sev|intel-tdx)[a-z-]*" | sort -u | paste -sd ' ')"
done
INSIDE

both="SEV metadata 2, AmdSevDxe 1, hash table at 0x[1-9a-f][0-9a-f]*, descriptors"
seen "^OVMF.inteltdx.ms.fd: TDX metadata 3, TdxDxe 1, SEV metadata 2, AmdSevDxe 0, hash table at 0x0, .* intel-tdx$" \
  "^OVMF.amdsev.fd: TDX metadata 3, TdxDxe 0, $both amd-sev amd-sev-es amd-sev-snp$" \
  "^OVMF_CODE_4M.fd: TDX metadata 3, TdxDxe 1, $both amd-sev$"
echo "as it was"
