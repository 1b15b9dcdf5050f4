#!/bin/bash
# nova 34.0.0, libvirt 12.8.0 and ovmf 2026.08 (Debian sid), on Debian as root with mmdebstrap.
#
# Guessed: a hard reboot starts a server with the firmware that it was made with: nova writes the <loader> of the domain
# that is there, so newer firmware on the host is for new servers, all the more where firmware is measured.
# Seen: trust domains are the ones that get the newer firmware. nova holds secure boot as it is to be against the
# <loader secure> of the old domain, which it leaves out for TDX; they always differ, and libvirt chooses once more,
# by the descriptors as they are now. The log blames secure boot, which nobody changed:
#                                 hard reboot, with newer firmware in front
#   intel-tdx                     the newer one, and so another measurement (MRTD)
#   amd-sev, amd-sev-snp, plain   the one before
# What is asked of libvirt here is nova's XML without <launchSecurity>, which only a host with TDX or SEV takes.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 libvirt0=12.8.0-1 libvirt-daemon-driver-qemu=12.8.0-1 \
  qemu-system-x86 ovmf=2026.08+ds-2 libvirt-clients

cat >"$root/asks.py" <<'PYTHON'
import json
import logging
import pathlib
import re
import shutil
import subprocess
from types import SimpleNamespace
from unittest import mock

from lxml import etree
import nova.conf
from nova import objects
from nova.virt.libvirt import config, driver

nova.conf.CONF([], project="nova", default_config_files=[])
nova.conf.CONF.set_override("virt_type", "qemu", "libvirt")
objects.register_all()
CONNECTION = "qemu:///embed?root=/tmp/embed"
FOLDER = pathlib.Path("/usr/share/qemu/firmware")
NEWER = {"60-edk2-x86_64-amdsev.json": "/opt/sev.fd", "60-edk2-x86_64-inteltdx.json": "/opt/tdx.fd",
         "40-edk2-x86_64-secure-enrolled.json": "/opt/plain.fd"}  # By the descriptor that it stands in front of.

host = mock.Mock(supports_uefi=True, supports_secure_boot=True)
host.get_capabilities.return_value.host.cpu.arch = "x86_64"
compute = mock.Mock(_host=host)
compute._check_emulation_arch.return_value = "x86_64"
compute._get_guest_config_sysinfo.return_value = None
for name in ("_check_secure_boot_support", "_copy_guest_firmware_elements"):
    setattr(compute, name, getattr(driver.LibvirtDriver, name).__get__(compute))


def virsh(*commands):
    return subprocess.run(["virsh", "-q", "-c", CONNECTION, "; ".join(commands)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def xml(properties, tdx, old_guest):
    """What nova writes of a server, as far as firmware goes; old_guest is the server as libvirt has it."""
    guest = config.LibvirtConfigGuest()
    guest.name, guest.uuid, guest.memory, guest.vcpus, guest.virt_type = "guest", None, 262144, 1, "qemu"
    guest.os_type = "hvm"
    guest.features.append(config.LibvirtConfigGuestFeatureACPI())
    image = objects.ImageMeta.from_dict({"id": "i", "properties": {
        "hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_video_model": "none", **properties}})
    driver.LibvirtDriver._configure_guest_by_virt_type(
        compute, guest, SimpleNamespace(system_metadata={}), image,
        objects.Flavor(name="f", vcpus=1, memory_mb=256, extra_specs={}), old_guest)
    if tdx:
        driver.LibvirtDriver._guest_configure_tdx_mem_encryption(compute, guest)
    guest.launch_security = guest.os_smbios = None
    return guest.to_xml().replace("<uuid/>", "")


def defined(text):
    """The guest as libvirt has it once nova, which undefines it before a hard reboot, has defined it so."""
    with open("/tmp/guest.xml", "w") as file:
        file.write(text)
    return virsh("undefine guest --nvram", "define /tmp/guest.xml", "dumpxml guest")


def loader(text):
    found = re.search("<loader[^>]*>(.*)</loader>", text)
    return found.group(1) if found else " ".join(text.split())


def bring_newer_firmware():
    """Puts a copy of each image in front of it, as a package or an administrator does it with another version."""
    for descriptor, file in NEWER.items():
        content = json.loads((FOLDER / descriptor).read_text())
        image = content["mapping"].get("executable", content["mapping"])
        shutil.copy(image["filename"], file)
        image["filename"] = file
        (FOLDER / ("10-" + descriptor)).write_text(json.dumps(content))


def take_newer_firmware_away():
    for descriptor, file in NEWER.items():
        (FOLDER / ("10-" + descriptor)).unlink()
        pathlib.Path(file).unlink()


def story(name, properties, tdx=False):
    first = defined(xml(properties, tdx, None))
    old_guest = config.LibvirtConfigGuest()
    old_guest.parse_dom(etree.fromstring(first[first.index("<domain"):]))
    bring_newer_firmware()
    with mock.patch.object(driver.LOG, "warning") as warning:
        again = loader(defined(xml(properties, tdx, old_guest)))
    take_newer_firmware_away()
    logged = warning.call_args.args[0].split(".")[0] if warning.call_args else "nothing"
    print(f"{name}: {loader(first)}, hard reboot {again}, logged: {logged}")


STATELESS = {"hw_firmware_stateless": "true"}
story("intel-tdx, optional", {**STATELESS, "os_secure_boot": "optional"}, tdx=True)
story("intel-tdx, required", {**STATELESS, "os_secure_boot": "required"}, tdx=True)
story("amd-sev-snp", STATELESS)
story("amd-sev", {})
story("plain", {"os_secure_boot": "required"})
PYTHON

inside python3 -W ignore /asks.py 2>"$work/log" | tee "$work/seen"

blamed="logged: Secure boot support was changed after this instance had been created"
for secure_boot in optional required; do
  seen "^intel-tdx, $secure_boot: /usr/share/ovmf/OVMF.inteltdx.ms.fd, hard reboot /opt/tdx.fd, $blamed$"
done
for model in amd-sev amd-sev-snp; do
  seen "^$model: /usr/share/ovmf/OVMF.amdsev.fd, hard reboot /usr/share/ovmf/OVMF.amdsev.fd, logged: nothing$"
done
seen "^plain: (/usr/share/OVMF/OVMF_CODE_4M.ms.fd), hard reboot \1, logged: nothing$"
echo "as it was"
