#!/bin/bash
# nova 34.0.0, libvirt 12.8.0 and ovmf 2026.08 (Debian sid), on Debian as root with mmdebstrap.
#
# Guessed: a host with ovmf-inteltdx starts nova's trust domains, of an image with the properties that nova insists on
# (uefi, q35, stateless, no video); at least with os_secure_boot=required or optional, since that firmware has secure
# boot, and libvirt's domain capabilities say so (secureBoot: yes).
# Seen: nova asks for firmware without secure boot unless the image says otherwise, and it goes by another word of
# the capabilities, <enum name='secure'>, which says yes only where there is firmware that needs SMM:
#   os_secure_boot      ovmf-inteltdx alone             with ovmf-generic, which has such firmware
#   absent, disabled    no firmware                     no firmware
#   optional            no firmware: nova says "no"     OVMF.inteltdx.ms.fd
#   required            nova refuses it                 OVMF.inteltdx.ms.fd
# So the host needs firmware that no trust domain can use, and the image a property that nova insists on nowhere.
# What is asked of libvirt here is nova's XML without <launchSecurity>, which only a host with TDX takes.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 libvirt0=12.8.0-1 libvirt-daemon-driver-qemu=12.8.0-1 \
  qemu-system-x86 ovmf-inteltdx=2026.08+ds-2 ovmf-generic=2026.08+ds-2 libvirt-clients

cat >"$root/asks.py" <<'PYTHON'
import subprocess
import sys
from types import SimpleNamespace
from unittest import mock

import nova.conf
from nova import exception, objects
from nova.virt.libvirt import config, driver

nova.conf.CONF([], project="nova", default_config_files=[])
nova.conf.CONF.set_override("virt_type", "qemu", "libvirt")
objects.register_all()


def virsh(*command):
    return subprocess.run(["virsh", "-q", "-c", "qemu:///embed?root=/tmp/embed", *command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


offered = config.LibvirtConfigDomainCaps()
offered.parse_str(virsh("domcapabilities", "--virttype", "qemu", "--machine", "q35"))
host = mock.Mock(supports_uefi=offered.os.uefi_supported, supports_secure_boot=offered.os.secure_boot_supported)
host.get_capabilities.return_value.host.cpu.arch = "x86_64"
compute = mock.Mock(_host=host)
compute._check_emulation_arch.return_value = "x86_64"
compute._get_guest_config_sysinfo.return_value = None
compute._check_secure_boot_support = lambda *a: driver.LibvirtDriver._check_secure_boot_support(compute, *a)


def firmware(secure_boot):
    """What libvirt chooses for the XML of nova's that asks for a trust domain with this os_secure_boot."""
    image = objects.ImageMeta.from_dict({"id": "i", "properties": {
        "hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_firmware_stateless": "true",
        "hw_video_model": "none", **secure_boot}})
    guest = config.LibvirtConfigGuest()
    guest.name, guest.uuid, guest.memory, guest.vcpus, guest.virt_type = "guest", None, 262144, 1, "qemu"
    guest.os_type = "hvm"
    guest.features.append(config.LibvirtConfigGuestFeatureACPI())
    driver.LibvirtDriver._configure_guest_by_virt_type(
        compute, guest, SimpleNamespace(system_metadata={}), image,
        objects.Flavor(name="f", vcpus=1, memory_mb=256, extra_specs={}))
    driver.LibvirtDriver._guest_configure_tdx_mem_encryption(compute, guest)
    guest.launch_security = guest.os_smbios = None
    with open("/tmp/guest.xml", "w") as file:
        file.write(guest.to_xml().replace("<uuid/>", ""))
    told = virsh("domxml-to-native", "qemu-argv", "/tmp/guest.xml")
    return " ".join(word for word in told.split() if word.endswith(".fd")) or told.strip()


for secure_boot in ({}, {"os_secure_boot": "disabled"}, {"os_secure_boot": "optional"},
                    {"os_secure_boot": "required"}):
    try:
        chosen = firmware(secure_boot)
    except exception.NovaException as error:
        chosen = type(error).__name__
    print(f"{sys.argv[1]}, {secure_boot.get('os_secure_boot', 'absent')}: {chosen}")
PYTHON

inside bash -s <<'INSIDE' 2>"$work/log" | tee "$work/seen"
python3 -W ignore /asks.py "with ovmf-generic"
dpkg --remove ovmf-generic >&2
virsh -q -c 'qemu:///embed?root=/tmp/embed' domcapabilities --virttype qemu --machine q35 >/tmp/offered.xml
echo "alone: secureBoot $(sed -n "/'secureBoot'/{n;s/.*<value>\(.*\)<.*/\1/p}" /tmp/offered.xml)," \
  "secure $(sed -n "/'secure'/{n;s/.*<value>\(.*\)<.*/\1/p}" /tmp/offered.xml)"
python3 -W ignore /asks.py alone
INSIDE

none="error: .*Unable to find 'efi' firmware that is compatible"
seen "^with ovmf-generic, absent: $none" "^with ovmf-generic, disabled: $none" \
  "^with ovmf-generic, optional: /usr/share/ovmf/OVMF.inteltdx.ms.fd$" \
  "^with ovmf-generic, required: /usr/share/ovmf/OVMF.inteltdx.ms.fd$" \
  "^alone: secureBoot yes, secure no$" "^alone, absent: $none" "^alone, disabled: $none" "^alone, optional: $none" \
  "^alone, required: SecureBootNotSupported$"
echo "as it was"
