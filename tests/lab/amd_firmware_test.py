#!/usr/bin/python3
"""Which firmware SEV, SEV-ES and SEV-SNP guests get: libvirt's define against what ccplaced finds, as
firmware_test.py has it for trust domains.

SEV-SNP guests are defined with firmware for flash where that comes first, and do not start.
"""

import json
import os
import pathlib
import random
import re
import shutil
import unittest

import harness
from capabilities_test import found_of, model_of
from firmware_test import FOLDERS, GONE, GOOD, OTHER, WAYS, draw, empty, shown
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import IMAGES

SEED = os.environ.get("CCPLACE_SEED", "20261130")
SETS = int(os.environ.get("CCPLACE_SETS", "150"))
OFFERED = (("amd-sev", 0.6), ("amd-sev-es", 0.6), ("amd-sev-snp", 0.6), ("intel-tdx", 0.2))
# As nova defines them: launch security's type, policy, and the loader.
MODELS = {"AMD_SEV": ("sev", 0x33, ""), "AMD_SEV_ES": ("sev", 0x37, ""),
          "AMD_SEV_SNP": ("sev-snp", 0x30000, "<loader stateless='yes'/>")}
YES, NO = v1.SUPPORT_SUPPORTED, v1.SUPPORT_UNSUPPORTED


def domain(model, way):
    kind, policy, loader = MODELS[model]
    return f"""
<domain type='kvm'>
  <name>{model}-{way}</name>
  <memory unit='MiB'>512</memory>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type>
    {WAYS[way]}{loader}
  </os>
  <features><acpi/><apic/></features>
  <cpu mode='host-passthrough'/>
  <launchSecurity type='{kind}'><policy>{policy:#x}</policy></launchSecurity>
</domain>
"""


class Sets(unittest.TestCase):
    """What libvirt defines, and what is found of it."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("amd"))
        (cls.lab.host_root / "dev").mkdir(exist_ok=True)
        os.mkfifo(cls.lab.host_root / "dev/null")  # No regular file, which is what counts.
        cls.asking = cls.enterClassContext(Daemon.on(cls.lab))
        cls.reading = cls.enterClassContext(Daemon.on(cls.lab, f"--libvirt_uri={cls.lab.uri}-ro"))
        shutil.copy(f"{cls.lab.host_root}{GOOD}", f"{cls.lab.host_root}{OTHER}")
        for model in MODELS:
            for way in WAYS:
                pathlib.Path(f"{cls.lab.host_root}{IMAGES}/{model}-{way}.xml").write_text(
                    domain(model, way))

    def defined(self):
        """{(model, way): the firmware that a definition gets}, without those refused."""
        names = [f"{model}-{way}" for model in MODELS for way in WAYS]
        script = "".join(f"define {IMAGES}/{name}.xml\ndumpxml --inactive {name}\n"
                         f"undefine --nvram {name}\n" for name in names)
        text = self.lab.run("virsh", stdin=script, check=False).stdout
        found = {}
        for xml in re.findall("<domain .*?</domain>", text, re.DOTALL):
            loader = re.search("<loader [^>]*>([^<]*)</loader>", xml)[1]
            found[tuple(re.search("<name>(.*)-(.*)</name>", xml).groups())] = loader
        return found

    def check(self, name, defined, model, why):
        check = found_of(model)["FIRMWARE"]
        path = defined.get((name, "unstated"), "")
        if check.result == v1.CHECK_RESULT_UNKNOWN:
            self.assertIn("-> /nowhere", why)
            self.assertEqual("", path, why)
            return
        self.assertEqual(path, model.firmware.path, why)
        for way, support in (("off", model.firmware.without_secure_boot),
                             ("on", model.firmware.with_secure_boot)):
            self.assertEqual(YES if (name, way) in defined else NO, support, f"{way}: {why}")
        starts = path not in ("", GONE) and "is for flash" not in check.found
        self.assertEqual(v1.CHECK_RESULT_PASS if starts else v1.CHECK_RESULT_FAIL, check.result,
                         why)

    def test_no_difference_between_libvirts_define_and_the_finding(self):
        rng = random.Random(SEED)
        seen = dict.fromkeys(MODELS, 0)
        for number in range(SETS):
            draw(rng, self.lab.host_root, OFFERED)
            defined = self.defined()
            answers = [daemon.refreshed().capabilities for daemon in (self.asking, self.reading)]
            for name in MODELS:
                seen[name] += (name, "unstated") in defined
                for answer in answers:
                    model = model_of(answer, name)
                    with self.subTest(number=number, model=name):
                        self.check(name, defined, model, f"seed {SEED}, set {number}: {defined}\n"
                                   f"{shown(self.lab.host_root)}\n{model}")
        print(f"seed {SEED}: {SETS} sets, of which libvirt defines {seen}")
        if SETS >= 100:
            self.assertTrue(all(seen.values()), seen)

    def test_flash_that_libvirt_chooses_for_snp_is_told_not_to_start(self):
        for folder in FOLDERS:
            empty(self.lab.host_root / folder)
        (self.lab.host_root / FOLDERS[0] / "10.json").write_text(json.dumps({
            "description": "made up", "interface-types": ["uefi"],
            "mapping": {"device": "flash", "mode": "stateless",
                        "executable": {"filename": GOOD, "format": "raw"}},
            "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
            "features": ["amd-sev-snp"], "tags": []}))
        self.assertEqual(GOOD, self.defined()["AMD_SEV_SNP", "unstated"])
        for daemon in (self.asking, self.reading):
            check = found_of(model_of(daemon.refreshed().capabilities, "AMD_SEV_SNP"))["FIRMWARE"]
            self.assertEqual(v1.CHECK_RESULT_FAIL, check.result, check)
            self.assertIn("is for flash", check.found)
            self.assertIn("/etc/qemu/firmware", check.remedy)


if __name__ == "__main__":
    harness.main()
