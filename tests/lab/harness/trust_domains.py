"""Requests for trust domains that are right in every field, to be spoilt by tests."""

import struct
import uuid

from harness.contract import v1

IMAGES = "/var/lib/libvirt/images"
LOGS = "/var/log/libvirt"


def new_uuid():
    return str(uuid.uuid4())


def make_disk(lab, name="root.img"):
    """A raw disk image on the lab's host; its path there."""
    path = f"{IMAGES}/{name}"
    with open(f"{lab.host_root}{path}", "wb") as file:
        file.truncate(1 << 20)
    return path


def domain_request(path, **fields):
    """A request for a domain on a disk; fields of the domain by their names."""
    request = v1.DefineTdxDomainRequest()
    request.domain.uuid = new_uuid()
    request.domain.name = f"td-{request.domain.uuid[:8]}"
    request.domain.vcpus = 2
    request.domain.memory_mib = 1024
    request.domain.disks.add().file.path = path
    for name, value in fields.items():
        setattr(request.domain, name, value)
    request.flavor.extra_specs.update(
        {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"})
    request.image.properties.update(
        {"hw_firmware_type": "uefi", "hw_firmware_stateless": "true",
         "hw_machine_type": "q35", "hw_video_model": "none"})
    return request


def copy_of(request):
    """A copy to be changed."""
    copy = type(request)()
    copy.CopyFrom(request)
    return copy


def make_qcow2(lab, name, backing=b"", incompatible_features=0):
    """An empty qcow2 image of 1 MiB on the lab's host; its path there.

    QEMU, docs/interop/qcow2: magic, version, backing file's offset and size,
    cluster bits, size, encryption, L1 size and offset, refcount table's offset and
    clusters, snapshots' count and offset, three sets of features, refcount order,
    header length.
    """
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 104 if backing else 0, len(backing), 16,
        1 << 20, 0, 1, 0x30000, 0x10000, 1, 0, 0, incompatible_features, 0, 0, 4, 104)
    path = f"{IMAGES}/{name}"
    with open(f"{lab.host_root}{path}", "wb") as file:
        file.write((header + backing).ljust(0x40000, b"\0"))
    return path
