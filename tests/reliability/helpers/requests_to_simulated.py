"""Requests for the simulated host."""

from harness.contract import v1


def definition(number):
    """A request that the simulated host accepts."""
    request = v1.DefineTdxDomainRequest(start=True)
    request.domain.uuid = f"2f1c0f5e-7c0a-4b0e-9a57-{number:012x}"
    request.domain.name = f"td-{number}"
    request.domain.vcpus = 2
    request.domain.memory_mib = 2048
    request.domain.disks.add().file.path = "/var/lib/libvirt/images/demo.raw"
    request.flavor.extra_specs.update(
        {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"})
    request.image.properties.update(
        {"hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_firmware_stateless": "true",
         "hw_video_model": "none"})
    return request
