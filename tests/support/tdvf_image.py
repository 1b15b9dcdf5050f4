#!/usr/bin/env python3
"""Small TDVF images and their MRTD, worked out here with hashlib and nothing of ccplace.

usage: tests/support/tdvf_image.py FOLDER    writes the images of tests/data/tdvf, prints their MRTDs
"""

import dataclasses
import hashlib
import pathlib
import struct
import sys
import uuid

PAGE = 4096
MEASURED = 1
AUGMENTED = 2
BFV, CFV, TD_HOB, TEMP_MEM, PERM_MEM, PAYLOAD, PAYLOAD_PARAM, TD_INFO = range(8)


def guid(text):
    return uuid.UUID(text).bytes_le


TABLE_FOOTER = guid("96b582de-1fb2-45f7-baea-a366c55a082d")
METADATA_ENTRY = guid("e47a6535-984a-4798-865e-4685a7bf8ec2")
OTHER_ENTRY = guid("00112233-4455-6677-8899-aabbccddeeff")
METADATA = guid("e9eaf9f3-168e-44d5-a8eb-7f4d8738f6ae")


@dataclasses.dataclass
class Section:
    raw_offset: int
    raw_bytes: int
    address: int
    memory_bytes: int
    kind: int
    attributes: int = 0

    def packed(self):
        return struct.pack("<IIQQII", self.raw_offset, self.raw_bytes, self.address,
                           self.memory_bytes, self.kind, self.attributes)


def pattern(size, seed):
    """Bytes that no two pages share, the same on every machine."""
    blocks = (hashlib.sha256(f"{seed}/{i}".encode()).digest() for i in range(size // 32 + 1))
    return bytearray(b"".join(blocks)[:size])


def descriptor(sections):
    body = b"".join(section.packed() for section in sections)
    return METADATA + struct.pack("<4sIII", b"TDVF", 16 + len(body), 1, len(sections)) + body


def entry(name, data):
    return data + struct.pack("<H", len(data) + 18) + name


def ovmf(size, sections, metadata_at, seed="ovmf"):
    """An image that names its metadata in the table of GUIDed entries, between two others."""
    image = pattern(size, seed)
    metadata = descriptor(sections)
    image[metadata_at:metadata_at + len(metadata)] = metadata
    entries = (entry(OTHER_ENTRY, b"a" * 7)
               + entry(METADATA_ENTRY, struct.pack("<I", size - metadata_at - 16))
               + entry(OTHER_ENTRY, b""))
    table = entries + struct.pack("<H", len(entries) + 18) + TABLE_FOOTER
    image[size - 32 - len(table):size - 32] = table
    return bytes(image)


def td_shim(size, sections, metadata_at, seed="td-shim"):
    """An image that states its metadata's offset 32 bytes before the end."""
    image = pattern(size, seed)
    metadata = descriptor(sections)
    image[metadata_at:metadata_at + len(metadata)] = metadata
    image[size - 32:size - 28] = struct.pack("<I", metadata_at + 16)
    return bytes(image)


def operation(name, address):
    record = bytearray(128)
    record[:len(name)] = name
    record[16:24] = address.to_bytes(8, "little")
    return bytes(record)


def mrtd_of_memory(regions, two_passes=False):
    """MRTD of (address, content in whole pages, whether it is measured), in this order.

    As the TDX module works it out: the log of operations first, then their digest.
    """
    log = []
    for address, memory, measured in regions:
        adds, extends = [], []
        for at in range(0, len(memory), PAGE):
            adds.append([operation(b"MEM.PAGE.ADD", address + at)])
            chunks = []
            for chunk in range(at, at + PAGE, 256) if measured else ():
                chunks += [operation(b"MR.EXTEND", address + chunk), memory[chunk:chunk + 256]]
            extends.append(chunks)
        if two_passes:
            log += adds + extends
        else:
            log += [pieces for pair in zip(adds, extends) for pieces in pair]
    return hashlib.sha384(b"".join(b"".join(pieces) for pieces in log)).hexdigest()


def mrtd(image, sections, two_passes=False):
    """MRTD of an image with these sections."""
    regions = []
    for section in sections:
        if section.attributes & AUGMENTED:
            continue
        raw = image[section.raw_offset:section.raw_offset + section.raw_bytes]
        regions.append((section.address, raw + bytes(section.memory_bytes - len(raw)),
                        bool(section.attributes & MEASURED)))
    return mrtd_of_memory(regions, two_passes)


OVMF_SECTIONS = [
    Section(0x1000, 0x3000, 0xffffd000, 0x3000, BFV, MEASURED),
    Section(0, 0x1000, 0xffffc000, 0x1000, CFV),
    Section(0, 0, 0x810000, 0x2000, TEMP_MEM),
    Section(0, 0, 0x809000, 0x1000, TD_HOB),
    Section(0, 0, 0x1000000, 0x100000, PERM_MEM, AUGMENTED),
]
TD_SHIM_SECTIONS = [
    Section(0x2000, 0x1800, 0x1000000, 0x2000, PAYLOAD, MEASURED),
    Section(0, 0x1000, 0x800000, 0x1000, TD_INFO, MEASURED),
    Section(0, 0, 0x801000, 0x1000, TEMP_MEM, MEASURED),
    Section(0x4000, 0x1000, 0xfffff000, 0x1000, BFV, MEASURED),
]
SIMULATED_SECTIONS = [
    Section(0x1000, 0x1000, 0xfffff000, 0x1000, BFV, MEASURED),
    Section(0, 0x1000, 0xffffe000, 0x1000, CFV),
]


def simulated():
    """The simulated host's image: zeroes, metadata, and a table with one entry."""
    image = bytearray(0x2000)
    metadata = descriptor(SIMULATED_SECTIONS)
    image[0x17f0:0x17f0 + len(metadata)] = metadata
    table = entry(METADATA_ENTRY, struct.pack("<I", 0x800))
    table += struct.pack("<H", len(table) + 18) + TABLE_FOOTER
    image[-32 - len(table):-32] = table
    return bytes(image)


IMAGES = {
    "ovmf.fd": (ovmf(0x4000, OVMF_SECTIONS, 0x3000), OVMF_SECTIONS),
    "td-shim.bin": (td_shim(0x5000, TD_SHIM_SECTIONS, 0x4100), TD_SHIM_SECTIONS),
}


def main():
    print("simulated", hashlib.sha384(simulated()).hexdigest(), "SHA-384")
    print("simulated", mrtd(simulated(), SIMULATED_SECTIONS), "MRTD")
    for name, (image, sections) in IMAGES.items():
        (pathlib.Path(sys.argv[1]) / name).write_bytes(image)
        print(name, hashlib.sha384(image).hexdigest(), "SHA-384")
        print(name, mrtd(image, sections), "MRTD")
        print(name, mrtd(image, sections, two_passes=True), "MRTD, two passes")


if __name__ == "__main__":
    main()
