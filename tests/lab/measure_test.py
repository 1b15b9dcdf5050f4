#!/usr/bin/python3
"""MRTD of the firmware that a trust domain really starts with: as ccplace computes it, and of the
memory that QEMU hands to KVM.
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import domain_request, make_disk

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tdvf_image  # pylint: disable=wrong-import-position
import waiting  # pylint: disable=wrong-import-position

FIRMWARE = "/usr/share/ovmf/OVMF.inteltdx.ms.fd"
# By versions of Debian's package; others must agree with QEMU alone.
PUBLISHED = {"2026.08+ds-2": "a7a1f751abc454f9cbab198ca8d2edb2821935df525c74182b5e776cb0929e8c59aefecce7"
                             "25b0d08a5e9d3d3183bd08"}
CCPLACECTL = pathlib.Path(os.environ["CCPLACED"]).parents[1] / "client" / "ccplacectl"
PATIENCE_S = 60


def measured(path):
    done = subprocess.run([CCPLACECTL, "measure", path, "-o", "json"], capture_output=True,
                          text=True, timeout=PATIENCE_S, check=True)
    return json.loads(done.stdout)


class MeasuredFirmware(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.file = pathlib.Path(f"{cls.lab.root}{FIRMWARE}")

    def test_mrtd_is_that_of_what_qemu_hands_to_kvm(self):
        answer = measured(self.file)
        with Daemon.on(self.lab) as daemon:
            request = domain_request(make_disk(self.lab))
            request.start = True
            daemon.call("DefineTdxDomain", request)
            uuid = request.domain.uuid
            self.addCleanup(self.lab.virsh, "destroy", uuid, check=False)
            regions = self.lab.guest(uuid).memory_regions()
            daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid=uuid, stop=True))
        self.assertEqual(answer["mrtd"], tdvf_image.mrtd_of_memory(
            (region.address, region.content, region.is_measured) for region in regions))

    def test_mrtd_of_debians_firmware_is_the_published_one(self):
        version = self.lab.run("dpkg-query", "--show", "--showformat=${Version}",
                               "ovmf-inteltdx").stdout.strip()
        self.assertEqual(measured(self.file)["mrtd"],
                         PUBLISHED.get(version, measured(self.file)["mrtd"]))

    def test_a_byte_of_the_variable_store_changes_the_file_and_one_of_the_firmware_both(self):
        image = bytearray(self.file.read_bytes())
        before = measured(self.file)
        sections = {section["type"]: section for section in before["sections"]}
        copy = pathlib.Path(self.lab.host_root) / "changed.fd"
        self.addCleanup(copy.unlink)
        for kind, same in (("CFV", True), ("BFV", False)):
            changed = image.copy()
            changed[sections[kind]["raw_offset"] + 100] ^= 1
            copy.write_bytes(changed)
            after = measured(copy)
            self.assertNotEqual(after["sha384"], before["sha384"])
            self.assertEqual(after["mrtd"] == before["mrtd"], same, kind)

    def test_the_daemon_states_it_shortly_after_its_first_answer(self):
        with Daemon.on(self.lab) as daemon:
            def firmware():
                return daemon.call("HostCapabilities").capabilities.tdx_firmware

            found = waiting.wait_for("MRTD", firmware, PATIENCE_S, lambda one: one.mrtd)
        self.assertEqual(found.path, FIRMWARE)
        self.assertTrue(found.secure_boot and found.enrolled_keys)
        self.assertEqual(found.mrtd.hex(), measured(self.file)["mrtd"])


if __name__ == "__main__":
    harness.main()
