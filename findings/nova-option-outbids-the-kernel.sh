#!/bin/bash
# nova 34.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: [libvirt] num_intel_tdx_guests only ever lowers the kernel's count of keys (misc.capacity): its help says
# "the lower of the two values is used", and the comment on the code "the smallest". And nova reports what changes at
# its next update, a minute later, as it does with memory and disks.
# Seen: the option is used wherever it is set; that it is the larger is a line in the log. And nova asks for both once,
# before its first update: what the kernel has since gained or lost, is reported by the next nova-compute.
#   kernel 63, option 31         31
#   kernel 31, option 63         63, of which 32 are none
#   kernel 63, later no TDX      63
#   no TDX, later kernel 63      0
# So a host may offer keys that are not there, for ever, in either way: who counts them has to look at the host.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4

inside python3 -W ignore - <<'PYTHON' 2>/dev/null | tee "$work/seen"
import re
from types import SimpleNamespace
from unittest import mock

import nova.conf
from nova.virt.libvirt import config, driver, host

CAPACITY = host.MISC_CONTROL_GROUP_CAPACITY_FILE = "/tmp/misc.capacity"
nova.conf.CONF([], project="nova", default_config_files=[])
nova.conf.CONF.set_override("cpu_mode", "host-passthrough", "libvirt")


def offers(keys):
    """What kernel and libvirt say from now on. 0: a host without TDX."""
    with open(CAPACITY, "w") as file:
        file.write(f"tdx {keys}\n" if keys else "")
    Host.features.parse_str("<domainCapabilities><features><tdx supported='%s'/></features></domainCapabilities>"
                            % ("yes" if keys else "no"))


class Host(host.Host):
    """nova's own, of a nova-compute that was just started; libvirt's answers are stood in for."""
    features = config.LibvirtConfigDomainCaps()

    def __init__(self):
        self._supports_intel_tdx = self._max_intel_tdx_guests = None
        self._supports_amd_sev = self._supports_amd_sev_es = self._supports_amd_sev_snp = False
        self.get_capabilities = mock.Mock()
        self.get_capabilities.return_value.host.cpu.arch = "x86_64"

    def get_domain_capabilities(self):
        return {"x86_64": {"q35": self.features}}

    def reports(self):
        """The total that nova writes to Placement at an update."""
        found = driver.LibvirtDriver._get_memory_encryption_inventories(SimpleNamespace(_host=self))
        return found["intel_tdx"]["total"]


words = next(option for option in nova.conf.libvirt.libvirt_general_opts if option.name == "num_intel_tdx_guests").help
print("help:", re.search("the lower of the two values is used", " ".join(words.split()))[0])
for kernel, option in ((63, None), (63, 31), (31, 63)):
    offers(kernel)
    nova.conf.CONF.set_override("num_intel_tdx_guests", option, "libvirt")
    print(f"kernel {kernel}, option {option}: {Host().reports()}")
nova.conf.CONF.clear_override("num_intel_tdx_guests", "libvirt")
for before, after in ((63, 0), (0, 63)):
    offers(before)
    compute = Host()
    first = compute.reports()
    offers(after)
    print(f"from {before} to {after}: reports {first}, then {compute.reports()}, restarted {Host().reports()}")
PYTHON

seen "^help: the lower of the two values is used$" "^kernel 63, option None: 63$" "^kernel 63, option 31: 31$" \
  "^kernel 31, option 63: 63$" \
  "^from 63 to 0: reports 63, then 63, restarted 0$" "^from 0 to 63: reports 0, then 0, restarted 63$"
echo "as it was"
