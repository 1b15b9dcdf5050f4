"""Requests for the simulated host."""

from harness.contract import v1


def fill(request, uuid, name):
    """Makes a DefineTdxDomainRequest, of whichever day's contract, one that the simulated host
    accepts."""
    request.start = True
    request.domain.uuid, request.domain.name = uuid, name
    request.domain.vcpus, request.domain.memory_mib = 2, 2048
    request.domain.disks.add().file.path = "/var/lib/libvirt/images/demo.raw"
    request.flavor.extra_specs.update(
        {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"})
    request.image.properties.update(
        {"hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_firmware_stateless": "true",
         "hw_video_model": "none"})
    return request


def definition(number):
    """A request that the simulated host accepts."""
    return fill(v1.DefineTdxDomainRequest(), f"2f1c0f5e-7c0a-4b0e-9a57-{number:012x}",
                f"td-{number}")
