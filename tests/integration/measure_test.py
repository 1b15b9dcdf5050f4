"""ccplacectl measure and reference --firmware, held against Python's hashlib on images with a seed.

usage: measure_test.py CCPLACECTL
"""
import base64
import hashlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]
import tdvf_image  # noqa: E402
from tdvf_image import (AUGMENTED, BFV, CFV, MEASURED, PAGE, PERM_MEM, TD_HOB, TD_INFO,  # noqa: E402
                        TEMP_MEM, Section)

CCPLACECTL = ""
OVMF = ROOT / "tests" / "data" / "tdvf" / "ovmf.fd"
IMAGES = 60


def ctl(*args, stdin=None):
    return subprocess.run([CCPLACECTL, *map(str, args)], input=stdin, capture_output=True,
                          timeout=60, check=False)


def random_sections(rng, size):
    """A BFV and up to eight more in any order, on pages of their own."""
    pages = iter(rng.sample(range(1, 1 << 20), 64))
    sections = []
    for kind in [BFV] + rng.choices([CFV, TD_HOB, TEMP_MEM, PERM_MEM, TD_INFO], k=rng.randint(0, 8)):
        has_data = kind in (BFV, CFV, TD_INFO)
        raw_bytes = rng.randint(1, size) if has_data else 0
        memory_pages = -(-raw_bytes // PAGE) + rng.randint(0, 2) or 1
        attributes = {BFV: MEASURED, TD_INFO: MEASURED, CFV: 0, TD_HOB: 0,
                      TEMP_MEM: rng.choice([0, MEASURED]), PERM_MEM: AUGMENTED}[kind]
        sections.append(Section(rng.randint(0, size - raw_bytes) if has_data else 0, raw_bytes,
                                next(pages) * 64 * PAGE, memory_pages * PAGE, kind, attributes))
    rng.shuffle(sections)
    return sections


class MeasureTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, content):
        path = pathlib.Path(self.folder.name) / "image.fd"
        path.write_bytes(content)
        return path

    def test_random_images_measure_to_what_hashlib_says(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        for turn in range(IMAGES):
            size = rng.randint(3, 16) * PAGE
            sections = random_sections(rng, size)
            make = rng.choice([tdvf_image.ovmf, tdvf_image.td_shim])
            image = make(size, sections, size - 0x800, seed=f"{seed}/{turn}")
            with self.subTest(seed=seed, turn=turn):
                two_passes = rng.random() < 0.3
                order = ["--order", "two-pass-qemu8-preview"] if two_passes else []
                run = ctl("measure", self.file(image), "-o", "json", *order)
                self.assertEqual(run.returncode, 0, run.stderr)
                answer = json.loads(run.stdout)
                self.assertEqual(answer["mrtd"], tdvf_image.mrtd(image, sections, two_passes))
                self.assertEqual(answer["sha384"], hashlib.sha384(image).hexdigest())
                self.assertEqual(len(answer["sections"]), len(sections))

    def test_random_damage_ends_in_an_answer(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        image = OVMF.read_bytes()
        for turn in range(IMAGES):
            damaged = bytearray(image)
            for _ in range(rng.randint(1, 8)):  # The metadata and the table.
                damaged[rng.choice([rng.randrange(0x3000, 0x3100), rng.randrange(0x3f80, 0x4000)])] \
                    = rng.randrange(256)
            with self.subTest(seed=seed, turn=turn):
                run = ctl("measure", "-", stdin=bytes(damaged))
                self.assertIn(run.returncode, (0, 1), run.stderr)
                self.assertEqual(run.returncode == 1, b"error: " in run.stderr)

    def test_table_names_sections_and_what_is_in_mrtd(self):
        run = ctl("measure", OVMF)
        self.assertEqual(run.returncode, 0, run.stderr)
        text = run.stdout.decode()
        self.assertRegex(text, r"BFV +0x1000 \+ 0x3000 +0xffffd000 \+ 0x3000 +addresses and content")
        self.assertRegex(text, r"CFV +0 \+ 0x1000 +0xffffc000 \+ 0x1000 +addresses\n")
        self.assertIn("the guest accepts it", text)
        self.assertIn("RTMR0", text)

    def test_what_is_no_tdvf_is_a_no_and_what_is_not_there_a_wrong_command(self):
        run = ctl("measure", self.file(b"IGVM" + bytes(100)))
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"not a TDVF: an IGVM file", run.stderr)
        run = ctl("measure", pathlib.Path(self.folder.name) / "nothing")
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"cannot open", run.stderr)

    def test_reference_of_a_file_in_every_format(self):
        mrtd = tdvf_image.mrtd(*tdvf_image.IMAGES["ovmf.fd"])
        runs = {name: ctl("reference", "--firmware", OVMF, "-o", name)
                for name in ("json", "trustee", "go-tdx-guest", "intel")}
        for name, run in runs.items():
            self.assertEqual(run.returncode, 0, (name, run.stderr))
            self.assertIn(b"left out: rtmr0:", run.stderr)
        self.assertEqual(json.loads(runs["json"].stdout)["mr_td"], mrtd)
        payload = base64.b64decode(json.loads(runs["trustee"].stdout)["payload"])
        self.assertEqual(json.loads(payload), {"mr_td": [mrtd]})
        self.assertIn(f"# {mrtd}", runs["go-tdx-guest"].stdout.decode())
        [entry] = json.loads(runs["intel"].stdout)["policy_array"]
        self.assertEqual(entry["reference"], {"tdx_mrtd": mrtd.upper()})


if __name__ == "__main__":
    CCPLACECTL = sys.argv.pop(1)
    unittest.main()
