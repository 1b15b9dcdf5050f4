#!/usr/bin/python3
"""What the troubleshooting guide quotes of libvirt and QEMU, against the formats in the programs."""

import re
import sys
import unittest

import harness

sys.path.insert(0, str(harness.HERE.parent / "docs"))
from guide_texts import LIBVIRTS, QEMUS  # noqa: E402

DRIVER = "usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so"
QEMU = "usr/bin/qemu-system-x86_64"
LEAST_LITERAL = 12
TEXT = re.compile(rb"[\x20-\x7e]{12,}")
# printf's, with the place of the argument that translations need.
DIRECTIVE = re.compile(r"%(?:\d+\$)?[-#0 ]*\d*(?:\.\d+)?(?:hh|h|ll|l|z|j)?[a-zA-Z]")


def formats_of(program):
    """Each text in a program that says enough, and a pattern of what is printed with it."""
    formats = {}
    for text in {text.decode() for text in TEXT.findall(program.read_bytes())}:
        parts = DIRECTIVE.split(text)
        if sum(map(len, parts)) >= LEAST_LITERAL:
            formats[text] = re.compile(".*".join(map(re.escape, parts)))
    return formats


def prints(formats, quoted):
    """Whether a format comes to what is quoted. QEMU adds an error's own text, after a colon."""
    candidates = (quoted, quoted.rpartition(": ")[0])
    return any(text.startswith(quoted) or any(map(pattern.fullmatch, candidates))
               for text, pattern in formats.items())


class Words(unittest.TestCase):
    """Read from the lab's host, which has Debian testing's programs."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("no-tdx"))

    def check(self, path, quoted):
        formats = formats_of(self.lab.root / path)
        self.assertFalse(prints(formats, "TDX ioctl KVM_TDX_NOTHING was never printed"))
        for text in quoted:
            with self.subTest(text):
                self.assertTrue(prints(formats, text))

    def test_qemu_prints_what_the_guide_quotes(self):
        self.check(QEMU, QEMUS)

    def test_libvirt_prints_what_the_guide_quotes(self):
        self.check(DRIVER, LIBVIRTS)


if __name__ == "__main__":
    harness.main()
