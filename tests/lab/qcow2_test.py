#!/usr/bin/python3
"""QCOW2 images drawn from a seed ($CCPLACE_SEED, else a fixed one; $CCPLACE_IMAGES of them): none
that ccplaced lets a guest have makes QEMU open another file of the host.
"""

import json
import os
import random
import struct
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon, Refusal
from harness.trust_domains import IMAGES, domain_request

SEED = os.environ.get("CCPLACE_SEED", "20261130")
COUNT = int(os.environ.get("CCPLACE_IMAGES", "400"))
SECRET = f"{IMAGES}/secret.raw"  # What no image may lead to.
# QEMU, docs/interop/qcow2: magic, version, backing file's offset and size, cluster bits, size,
# encryption, L1 size and offset, refcount table's offset and clusters, snapshots' count and offset;
# from version 3 on three sets of features, refcount order, header length.
HEADER = struct.Struct(">4sIQIIQIIQQIIQ")
HEADER_3 = struct.Struct(">QQQII")
BACKING_FORMAT, DATA_FILE_NAME, FEATURE_NAMES, BITMAPS, UNKNOWN = (
    0xE2792ACA, 0x44415441, 0x6803F857, 0x23852875, 0x12345678)
NAME_OFFSET = 4096  # In the first cluster, behind header and extensions.
CLUSTER = 1 << 16


def extension(kind, data):
    return struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def one_of(rng, usual, *others):
    """Mostly the first."""
    return usual if rng.random() < 0.7 else rng.choice(others)


def features(rng):
    """Bits of the incompatible features."""
    return one_of(rng, 0, 1 << 2, 1 << 2, 1 << 0, 1 << 1, 1 << 3, 1 << 4, 1 << 5, 1 << 63,
                  rng.getrandbits(3), rng.getrandbits(64))


def extensions(rng):
    some = [extension(BACKING_FORMAT, rng.choice((b"raw", b"qcow2", b"host_device"))),
            extension(DATA_FILE_NAME, SECRET.encode()), extension(DATA_FILE_NAME, b"secret.raw"),
            extension(FEATURE_NAMES, b"\0\2external data\0".ljust(48, b"\0")),
            extension(BITMAPS, struct.pack(">IIQQ", 1, 0, 24, CLUSTER)),
            extension(UNKNOWN, b"12345678")]
    return b"".join(rng.sample(some, rng.randint(0, 3))) + struct.pack(">II", 0, 0)


def image(rng):
    """The bytes of one."""
    version = one_of(rng, 3, 2, 2, 0, 1, 4)
    name = rng.choice((SECRET, "secret.raw", f"file:{SECRET}", "../images/secret.raw",
                       'json:{"driver":"file","filename":"%s"}' % SECRET)).encode()
    offset = one_of(rng, 0, NAME_OFFSET, NAME_OFFSET, NAME_OFFSET, 1, CLUSTER, 1 << 32)
    header = HEADER.pack(one_of(rng, b"QFI\xfb", b"QFI\xfa", b"\0\0\0\0"), version, offset,
                         one_of(rng, len(name), 0, 1023, 1024), one_of(rng, 16, 9, 21, 8),
                         1 << 20, one_of(rng, 0, 1, 2), 1, 3 * CLUSTER, CLUSTER, 1, 0, 0)
    if version >= 3:
        length = one_of(rng, 104, 112, 72, 4096)
        header += HEADER_3.pack(features(rng), rng.getrandbits(2), rng.getrandbits(3), 4, length)
        header = header.ljust(min(length, 1024), b"\0")
    return (header + extensions(rng)).ljust(NAME_OFFSET, b"\0")[:NAME_OFFSET] + name.ljust(
        4 * CLUSTER - NAME_OFFSET, b"\0")


def opened(lab, paths):
    """For each image the files that QEMU opens for it; none where QEMU refuses it."""
    commands = [{"execute": "qmp_capabilities"}]
    for path in paths:
        commands += [
            {"execute": "blockdev-add", "arguments": {
                "driver": "qcow2", "node-name": "image", "read-only": True,
                "file": {"driver": "file", "filename": path, "read-only": True}}},
            {"execute": "query-named-block-nodes", "id": path},
            {"execute": "blockdev-del", "arguments": {"node-name": "image"}}]
    commands.append({"execute": "quit"})
    answers = lab.run(
        "qemu-system-x86_64", "-machine", "none", "-nodefaults", "-display", "none", "-S",
        "-qmp", "stdio", stdin="\n".join(map(json.dumps, commands)), check=False).stdout
    found = {}
    for line in answers.splitlines():
        answer = json.loads(line)
        if "id" in answer:
            found[answer["id"]] = {node["file"] for node in answer["return"]
                                   if node["drv"] != "qcow2"}
    return found


class Drawn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.daemon = cls.enterClassContext(Daemon.on(cls.lab))
        with open(f"{cls.lab.host_root}{SECRET}", "wb") as secret:
            secret.truncate(1 << 20)

    def is_taken(self, path):
        """Whether ccplaced finds nothing wrong with the image; libvirt may."""
        request = domain_request(path)
        request.domain.disks[0].format = v1.DISK_FORMAT_QCOW2
        request.dry_run = True
        try:
            self.daemon.call("DefineTdxDomain", request)
        except Refusal as refusal:
            return refusal.reason != "PATH_NOT_USABLE"
        return True

    def test_none_that_is_taken_leads_to_another_file(self):
        rng = random.Random(SEED)
        paths = [f"{IMAGES}/drawn-{number}.qcow2" for number in range(COUNT)]
        for path in paths:
            with open(f"{self.lab.host_root}{path}", "wb") as file:
                file.write(image(rng))
        by_qemu = opened(self.lab, paths)
        self.assertEqual(set(paths), set(by_qemu))
        taken = {path for path in paths if self.is_taken(path)}
        led_away = {path for path in paths if by_qemu[path] - {path}}
        used = {path for path in paths if path in by_qemu[path]}
        print(f"seed {SEED}: of {COUNT} images {len(taken)} taken, {len(used)} opened by QEMU, "
              f"{len(led_away)} lead to another file, {len(used - led_away - taken)} refused that "
              "lead nowhere")
        self.assertEqual(set(), taken & led_away, f"seed {SEED}")
        if COUNT >= 100:
            self.assertTrue(taken and led_away and taken & used)


if __name__ == "__main__":
    harness.main()
