"""Requests for trust domains that are right in every field, to be spoilt by tests."""

import uuid

from contract import v1

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
