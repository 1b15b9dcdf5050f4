#!/usr/bin/python3
"""Which firmware a trust domain gets: libvirt's define against what ccplaced finds, over sets of
descriptors drawn from a seed ($CCPLACE_SEED, else a fixed one; $CCPLACE_SETS of them).

One ccplaced asks libvirt; another one has libvirt's read-only socket, where it may not ask, and
goes by descriptors.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import shutil
import unittest

import harness
from capabilities_test import found_of, model_of
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import IMAGES, domain_request, make_disk

SEED = os.environ.get("CCPLACE_SEED", "20261129")
SETS = int(os.environ.get("CCPLACE_SETS", "300"))
GOOD, OTHER, GONE = ("/usr/share/ovmf/OVMF.inteltdx.ms.fd", "/usr/share/ovmf/OTHER.fd",
                     "/usr/share/ovmf/GONE.fd")
FOLDERS = ("etc/qemu/firmware", "usr/share/qemu/firmware")
NAMES = ("10-a.json", "20-b.json", "60-edk2-x86_64-inteltdx.json", "70-c.json", "99-d",
         "README", "60-edk2-x86_64-inteltdx.json~", ".hidden.json")
# What a domain says of secure boot -> what stands for it in its XML.
WAYS = {"unstated": "",
        "off": "<firmware><feature enabled='no' name='secure-boot'/></firmware>",
        "on": "<firmware><feature enabled='yes' name='secure-boot'/></firmware>"}
REFUSED = "Unable to find 'efi' firmware"
# How often a descriptor offers a model: trust domains' more often than not.
TDX = (("intel-tdx", 0.85), ("amd-sev", 0.1))


def descriptor(rng, offered):
    """One that is well-formed."""
    features = [name for name, odds in (
        *offered, ("secure-boot", 0.5), ("enrolled-keys", 0.2), ("requires-smm", 0.1),
        ("verbose-dynamic", 0.3), ("no-such-feature", 0.1))
                if rng.random() < odds]
    if "enrolled-keys" in features and rng.random() < 0.7:
        features.append("secure-boot")
    file = rng.choice((GOOD, GOOD, OTHER, OTHER, GONE))
    return {
        "description": "made up", "interface-types": rng.choice((
            ["uefi"], ["uefi"], ["uefi"], ["uefi"], ["bios"], ["bios", "uefi"], [])),
        "mapping": rng.choice((
            *([{"device": "memory", "filename": file}] * 6), {"device": "kernel", "filename": file},
            {"device": "memory", "filename": file, "uefi-vars": {"template": OTHER}},
            {"device": "flash", "mode": "stateless",
             "executable": {"filename": file, "format": "raw"}},
            {"device": "flash", "executable": {"filename": file, "format": "raw"},
             "nvram-template": {"filename": OTHER, "format": "raw"}})),
        "targets": [{"architecture": rng.choice(("x86_64",) * 5 + ("aarch64", "i386")),
                     "machines": [rng.choice(("pc-q35-*",) * 5 + (
                         "pc-i440fx-*", "*", "q35", "pc-q35-[0-9]*", "pc-q35-??.?", "virt-*"))]}
                    for _ in range(rng.choice((1, 1, 2)))],
        "features": features, "tags": []}


def spoilt(rng, offered):
    """One that libvirt does not understand."""
    good = descriptor(rng, offered)
    text = json.dumps(good)
    wrong = [
        "{", "not JSON at all\n", "[]", "\ufeff" + text,
        json.dumps({key: value for key, value in good.items() if key != "features"}),
        json.dumps({key: value for key, value in good.items() if key != "mapping"}),
        json.dumps({**good, "interface-types": ["uefi", "no-such-interface"]}),
        json.dumps({**good, "targets": good["targets"] + [
            {"architecture": "no-such-arch", "machines": ["*"]}]}),
        json.dumps({**good, "mapping": {"device": "no-such-device", "filename": GOOD}}),
        json.dumps({**good, "mapping": {"device": "memory"}}),
        json.dumps({**good, "features": "intel-tdx"}),
    ]
    return rng.choice(wrong)


def put(rng, path, offered):
    """Something a folder of descriptors may hold."""
    kind = rng.random()
    if kind < 0.62:
        path.write_text(json.dumps(descriptor(rng, offered)))
    elif kind < 0.80:
        path.write_text(spoilt(rng, offered))
    elif kind < 0.90:
        path.touch()
    elif kind < 0.93:
        path.symlink_to("/dev/null")
    elif kind < 0.94:
        path.symlink_to("/nowhere")
    elif kind < 0.96:
        path.mkdir()
    else:
        path.write_text(json.dumps(descriptor(rng, offered), indent=2))


def empty(folder):
    """The folder itself stays: it is mounted into libvirt's root."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


def draw(rng, host_root, offered=TDX):
    """Fills both folders anew."""
    for folder in FOLDERS:
        empty(host_root / folder)
        for name in rng.sample(NAMES, rng.randint(0, 5)):
            put(rng, host_root / folder / name, offered)


def shown(host_root):
    """The folders' content, for a message."""
    lines = []
    for folder in FOLDERS:
        for path in sorted((host_root / folder).iterdir()):
            what = (f"-> {os.readlink(path)}" if path.is_symlink() else
                    "folder" if path.is_dir() else path.read_text())
            lines.append(f"/{folder}/{path.name}: {what}")
    return "\n".join(lines)


class Sets(unittest.TestCase):
    """What libvirt defines, and what is found of it."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        (cls.lab.host_root / "dev").mkdir(exist_ok=True)
        if not (cls.lab.host_root / "dev/null").exists():
            os.mkfifo(cls.lab.host_root / "dev/null")  # No regular file, which is what counts.
        cls.asking = cls.enterClassContext(Daemon.on(cls.lab))
        cls.reading = cls.enterClassContext(Daemon.on(
            cls.lab, f"--libvirt_uri={cls.lab.uri}-ro"))
        request = domain_request(make_disk(cls.lab))
        request.dry_run = True
        xml = cls.asking.call("DefineTdxDomain", request).xml
        for way, said in WAYS.items():
            one = xml.replace("<loader ", f"{said}<loader ").replace(
                f"<name>{request.domain.name}<", f"<name>{way}<")
            one = re.sub("<uuid>.*</uuid>", "", one)
            pathlib.Path(f"{cls.lab.host_root}{IMAGES}/{way}.xml").write_text(one)
        shutil.copy(f"{cls.lab.host_root}{GOOD}", f"{cls.lab.host_root}{OTHER}")
        cls.pool = cls.enterClassContext(concurrent.futures.ThreadPoolExecutor(2))

    def defined(self):
        """For each way the firmware that a definition gets; None: libvirt refuses it."""
        script = "".join(f"define {IMAGES}/{way}.xml\ndumpxml --inactive {way}\nundefine {way}\n"
                         for way in WAYS)
        text = self.lab.run("virsh", stdin=script, check=False).stdout
        found = dict.fromkeys(WAYS)
        for way, loader in re.findall(r"<name>(\w+)</name>.*?<loader [^>]*>([^<]*)</loader>", text,
                                      re.DOTALL):
            found[way] = loader
        return found

    def models(self):
        """What each of the two daemons says of trust domains now."""
        return [model_of(answer.capabilities, "INTEL_TDX") for answer in
                self.pool.map(lambda daemon: daemon.refreshed(), (self.asking, self.reading))]

    def check_asking(self, defined, model, why):
        check = found_of(model)["FIRMWARE"]
        path = defined["unstated"]
        self.assertTrue(check.source.startswith("libvirt"), why)
        if path is None:
            self.assertEqual(v1.CHECK_RESULT_FAIL, check.result, why)
            self.assertIn("libvirt: ", check.found, why)
        else:
            self.assertTrue(check.found.startswith(path), why)
            is_there = path != GONE
            self.assertEqual(v1.CHECK_RESULT_PASS if is_there else v1.CHECK_RESULT_FAIL,
                             check.result, why)
        self.assertEqual(path or "", model.firmware.path, why)
        for way, support in (("off", model.firmware.without_secure_boot),
                             ("on", model.firmware.with_secure_boot)):
            self.assertEqual(v1.SUPPORT_SUPPORTED if defined[way] else v1.SUPPORT_UNSUPPORTED,
                             support, f"{way}: {why}")

    def check_reading(self, defined, model, why):
        check = found_of(model)["FIRMWARE"]
        self.assertTrue(check.source.startswith("by descriptors"), why)
        if check.result == v1.CHECK_RESULT_UNKNOWN:
            self.assertIn("-> /nowhere", why)
            self.assertIsNone(defined["unstated"], why)
            return
        self.assertEqual(defined["unstated"] or "", model.firmware.path, why)
        for way, support in (("off", model.firmware.without_secure_boot),
                             ("on", model.firmware.with_secure_boot)):
            self.assertEqual(v1.SUPPORT_SUPPORTED if defined[way] else v1.SUPPORT_UNSUPPORTED,
                             support, f"{way}: {why}")

    def test_no_difference_between_libvirts_define_and_the_finding(self):
        rng = random.Random(SEED)
        seen = {None: 0, GOOD: 0, OTHER: 0, GONE: 0}
        for number in range(SETS):
            draw(rng, self.lab.host_root)
            defined = self.defined()
            seen[defined["unstated"]] += 1
            why = f"seed {SEED}, set {number}: {defined}\n{shown(self.lab.host_root)}"
            with self.subTest(number):
                asking, reading = self.models()
                self.check_asking(defined, asking, f"{why}\n{asking}")
                self.check_reading(defined, reading, f"{why}\n{reading}")
        print(f"seed {SEED}: {SETS} sets, libvirt's choices {seen}")
        if SETS >= 100:
            self.assertTrue(all(seen.values()), seen)


if __name__ == "__main__":
    harness.main()
