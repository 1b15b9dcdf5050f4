#!/bin/bash
# Linux 7.2.12 as Debian builds it (forky, linux-config-7.2 7.2.12-1), on Debian as root with mmdebstrap.
#
# Guessed: forky has QEMU, libvirt and firmware that start trust domains, so its kernel hosts them, as it hosts SEV's
# guests; and as a guest with SEV it hands on what libvirt injects (domsetlaunchsecstate) and OVMF keeps for it.
# Seen: the kernel is the missing part, on both sides:
#                                                           amd64    cloud-amd64
#   hosts TDX      INTEL_TDX_HOST                           no       no
#   hosts SEV      KVM_AMD_SEV                              yes      no
#   guest of TDX or SNP, with reports
#                  TDX_GUEST_DRIVER SEV_GUEST TSM_REPORTS   yes      yes
#   launch secret  EFI_COCO_SECRET                          no       no
# What is not built no parameter and no BIOS setting switches on: a TDX host takes a kernel of one's own, and a guest
# gets its secret by attestation.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky linux-config-7.2=7.2.12-1 xz-utils

inside bash -s <<'INSIDE' | tee "$work/seen"
built() { # built FLAVOUR OPTION...: yes if all are there, no if none is
  local options=("${@:2}") found
  found=$(xzcat "/usr/src/linux-config-7.2/config.amd64_none_$1.xz" |
    grep -cE "^CONFIG_($(IFS='|' && echo "${options[*]}"))=[ym]$")
  case $found in 0) echo no ;; "${#options[@]}") echo yes ;; *) echo "$found of ${#options[@]}" ;; esac
}
for flavour in amd64 cloud-amd64; do
  echo "$flavour: hosts TDX $(built "$flavour" INTEL_TDX_HOST), hosts SEV $(built "$flavour" KVM_AMD_SEV)," \
    "guest $(built "$flavour" INTEL_TDX_GUEST TDX_GUEST_DRIVER AMD_MEM_ENCRYPT SEV_GUEST TSM_REPORTS)," \
    "secret $(built "$flavour" EFI_COCO_SECRET EFI_SECRET)"
done
INSIDE

seen "^amd64: hosts TDX no, hosts SEV yes, guest yes, secret no$" \
  "^cloud-amd64: hosts TDX no, hosts SEV no, guest yes, secret no$"
echo "as it was"
