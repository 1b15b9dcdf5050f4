#!/bin/bash
# virt-firmware 26.9 and ovmf 2026.08 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: virt-fw-measure computes the secure boot PCR (7) of a firmware image from the variables in it, so an image
# without keys has secure boot off; and --no-secure-boot and --shim hold for an image as they do for --vars.
# Seen: of an image secure boot is always on, and the two options change nothing, without a word; the same variables
# give another PCR with --vars, which takes these images for a variable store:
#                                     OVMF.amdsev.fd (no keys)   OVMF.inteltdx.ms.fd (keys)
#   --image                           on                         on
#   --image, --no-secure-boot         on                         on
#   --vars, --no-secure-boot          off                        off
#   --image, --shim                   as without                 as without
#   --vars, --shim                    with shim's variables      with shim's variables
# The TDX image gets a PCR 0 of one volume besides, though a trust domain has no such register (but RTMRs). So what
# --image prints of these two are no reference values.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-virt-firmware=26.9-1 ovmf-amdsev=2026.08+ds-2 ovmf-inteltdx=2026.08+ds-2

inside bash -s <<'INSIDE' | tee "$work/seen"
cd /usr/share/ovmf
pcr7() { virt-fw-measure --digests --bank sha384 "$@" | grep -A 2 '"pcr": 7' | grep -oE '[0-9a-f]{96}'; }
same() { [ "$1" = "$2" ] && echo same || echo other; }
secure_boot() { # whether the variable SecureBoot, the first in PCR 7 of the event log, is one or zero
  local data
  data=$(virt-fw-measure "$@" | sed -n '/"pcr": 7/,$ s/.*"event_data": "\(.*\)"/\1/p' | sed -n 1p)
  case $data in *01) echo on ;; *00) echo off ;; *) echo "none ($data)" ;; esac
}
for image in OVMF.amdsev.fd OVMF.inteltdx.ms.fd; do
  virt-fw-vars --input "$image" --print 2>/dev/null | grep -qE '^PK ' && keys=keys || keys="no keys"
  echo "$image: $keys, secure boot $(secure_boot --image "$image")," \
    "$(secure_boot --image "$image" --no-secure-boot) with --no-secure-boot," \
    "$(secure_boot --vars "$image" --no-secure-boot) with --vars --no-secure-boot"
  echo "$image: --vars $(same "$(pcr7 --image "$image")" "$(pcr7 --vars "$image")")," \
    "--image --shim $(same "$(pcr7 --image "$image")" "$(pcr7 --image "$image" --shim)")," \
    "--vars --shim $(same "$(pcr7 --vars "$image")" "$(pcr7 --vars "$image" --shim)")"
done
echo "volumes of the TDX image in PCR 0: $(virt-fw-measure --image OVMF.inteltdx.ms.fd | grep -c '"pcr": 0')"
INSIDE

seen "^OVMF.amdsev.fd: no keys, secure boot on, on with --no-secure-boot, off with --vars --no-secure-boot$" \
  "^OVMF.inteltdx.ms.fd: keys, secure boot on, on with --no-secure-boot, off with --vars --no-secure-boot$" \
  "^OVMF.amdsev.fd: --vars same, --image --shim same, --vars --shim other$" \
  "^OVMF.inteltdx.ms.fd: --vars same, --image --shim same, --vars --shim other$" \
  "^volumes of the TDX image in PCR 0: 1$"
echo "as it was"
