#!/usr/bin/python3
"""An AMD host: real libvirt and QEMU offer SEV, SEV-ES and SEV-SNP, start such guests, and ccplaced
counts them.

How many keys libvirt says there are it reads with the CPUID instruction, which nothing can make up:
no test here looks at totals.
"""

import unittest
import xml.etree.ElementTree as ElementTree

import harness
from capabilities_test import FAIL, PASS, model_of, results_of, value_of
from harness.daemon import Daemon
from harness.trust_domains import new_uuid
from lab_test import read

# By libvirt's domain XML: type and policy (AMD SEV API, 2.1, "Guest policy"; SEV-SNP ABI, 4.3).
GUESTS = {"sev": ("sev", 0x3), "sev-es": ("sev", 0x7), "snp": ("sev-snp", 0x30000)}


def domain(name, uuid):
    kind, policy = GUESTS[name]
    return f"""
<domain type='kvm'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>512</memory>
  <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader stateless='yes'/>
  </os>
  <features><acpi/></features>
  <cpu mode='host-passthrough'/>
  <launchSecurity type='{kind}'><policy>{policy:#x}</policy></launchSecurity>
</domain>
"""


class AmdHost(unittest.TestCase):
    """One host for all tests; each guest is gone after its own."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("amd"))
        cls.daemon = cls.enterClassContext(Daemon.on(cls.lab))

    def model(self, name):
        return model_of(self.daemon.refreshed().capabilities, name)

    def start(self, name):
        """Its UUID."""
        uuid = new_uuid()
        self.lab.virsh("define", "--validate", "/dev/stdin", stdin=domain(name, uuid))
        self.addCleanup(self.lab.virsh, "undefine", uuid)
        self.lab.virsh("start", uuid)
        self.addCleanup(self.lab.virsh, "destroy", uuid, check=False)
        return uuid

    def test_libvirt_offers_each_kind(self):
        features = ElementTree.fromstring(self.lab.virsh(
            "domcapabilities", "--virttype", "kvm", "--machine", "q35").stdout).find("features")
        self.assertEqual("yes", features.find("sev").get("supported"))
        self.assertEqual("no", features.find("tdx").get("supported"))
        self.assertEqual({"sev", "sev-snp"}, {value.text for value in features.findall(
            "launchSecurity/enum[@name='sectype']/value")})

    def test_every_check_passes_but_that_snp_displaces_es(self):
        for name, displaced in (("AMD_SEV", None), ("AMD_SEV_ES", FAIL), ("AMD_SEV_SNP", None)):
            with self.subTest(name):
                results = results_of(self.model(name))
                results.pop("KEY_CAPACITY")
                self.assertEqual(displaced, results.pop("NOT_DISPLACED", None))
                self.assertEqual({PASS}, set(results.values()), results)

    def test_guests_start_with_the_policy_asked_for_and_hold_a_key_of_their_pool(self):
        for name, held in (("sev", "sev 1\nsev_es 0\n"), ("sev-es", "sev 1\nsev_es 1\n"),
                           ("snp", "sev 1\nsev_es 2\n")):
            uuid = self.start(name)
            self.assertEqual([GUESTS[name][1]], self.lab.guest(uuid).sev_policies())
            self.assertEqual(held, read(self.lab, "sys/fs/cgroup/misc.current"))

    def test_ccplaced_counts_them_by_model(self):
        for name, model in (("sev", "AMD_SEV"), ("sev-es", "AMD_SEV_ES"), ("snp", "AMD_SEV_SNP")):
            with self.subTest(name):
                self.start(name)
                keys = self.model(model).keys
                self.assertEqual([1, 1], [keys.defined.value, keys.running.value])
        keys = self.model("AMD_SEV_SNP").keys  # In one pool with SEV-ES.
        self.assertEqual((2, 0), (value_of(keys.in_use), value_of(keys.unaccounted)))
        self.assertEqual((1, 0), tuple(value_of(figure) for figure in (
            self.model("AMD_SEV").keys.in_use, self.model("AMD_SEV").keys.unaccounted)))
        self.assertEqual(0, self.daemon.call("TdxInventory").keys.defined.value)


if __name__ == "__main__":
    harness.main()
