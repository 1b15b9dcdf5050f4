#!/bin/bash
# ovmf 2026.08 with virt-firmware 26.9 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: the images for SEV and TDX are OVMF with something added; they boot from whatever OVMF boots from, and a
# driver that virt-fw-dump lists is one that the guest has.
# Seen: they are smaller ones, and the TDX image has two volumes of drivers, of which edk2 gives the second
# (AE047C6D-BCE9-426C-AE03-A68E3B8A0488) to guests that are no trust domains:
#                            OVMF_CODE_4M.fd   OVMF.amdsev.fd   OVMF.inteltdx.ms.fd
#   virtio-blk, SATA, NVMe   yes               yes              yes
#   SCSI, USB disks          yes               yes              in the second volume
#   virtio-net, PXE, HTTP    yes               no               no
# So neither image starts a guest over the network by itself, the ordinary ones that libvirt gives the SEV image
# included; and a disk or a stick from which the TDX image boots an ordinary guest may be none to a trust domain. No
# descriptor says so.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-virt-firmware=26.9-1 ovmf-generic=2026.08+ds-2 ovmf-amdsev=2026.08+ds-2 \
  ovmf-inteltdx=2026.08+ds-2

inside bash -s <<'INSIDE' | tee "$work/seen"
declare -A drivers=(
  [disks]="VirtioBlkDxe SataController NvmExpressDxe" [more]="VirtioScsiDxe ScsiDisk UsbMassStorageDxe"
  [network]="VirtioNetDxe UefiPxeBcDxe HttpBootDxe")
second="name=ae047c6d-bce9-426c-ae03-a68e3b8a0488"

for image in OVMF/OVMF_CODE_4M.fd ovmf/OVMF.amdsev.fd ovmf/OVMF.inteltdx.ms.fd; do
  virt-fw-dump --volumes --modules -i "/usr/share/$image" >/tmp/dump
  for kind in disks more network; do
    first=0 rest=0
    for driver in ${drivers[$kind]}; do
      sed "/$second/,\$d" /tmp/dump | grep -q "name=$driver$" && first=$((first + 1))
      sed -n "/$second/,\$p" /tmp/dump | grep -q "name=$driver$" && rest=$((rest + 1))
    done
    echo "$(basename "$image"), $kind: $first of 3, in the second volume $rest"
  done
done
INSIDE

seen "^OVMF_CODE_4M.fd, disks: 3 of 3, in the second volume 0$" "^OVMF_CODE_4M.fd, more: 3 of 3, " \
  "^OVMF_CODE_4M.fd, network: 3 of 3, " "^OVMF.amdsev.fd, disks: 3 of 3, " "^OVMF.amdsev.fd, more: 3 of 3, " \
  "^OVMF.amdsev.fd, network: 0 of 3, in the second volume 0$" "^OVMF.inteltdx.ms.fd, disks: 3 of 3, " \
  "^OVMF.inteltdx.ms.fd, more: 0 of 3, in the second volume 3$" \
  "^OVMF.inteltdx.ms.fd, network: 0 of 3, in the second volume 0$"
echo "as it was"
