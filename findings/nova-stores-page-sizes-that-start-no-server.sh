#!/bin/bash
# nova 34.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: a page size that nova's API stores in a flavor is one that a server starts with.
# Seen: not so. The API's pattern (nova.api.validation.extra_specs.hw) lets a unit stand without "B" and
# a small "k"; what is read when a server is created (nova.virt.hardware, oslo.utils' string_to_bytes by
# the IEC's units) takes neither, and takes signs and fractions that the API does not:
#   hw:mem_page_size=2M      API: stored    create: 400, "Invalid memory page size '2M'"
#   hw:mem_page_size=4kb     API: stored    create: 400
#   hw:mem_page_size=1.5MB   API: refused   create: read
# The size to write is 2MB or 1GB, or KiB in digits.
set -euo pipefail

work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4

inside python3 -W ignore - <<'PYTHON' 2>/dev/null | tee "$work/seen"
from nova import exception, objects
from nova.api.validation.extra_specs import validators
from nova.virt import hardware

objects.register_all()


def said(function, *arguments):
    try:
        function(*arguments)
        return "taken"
    except exception.NovaException as error:
        return "refused (" + type(error).__name__ + ")"


for size in ("2MB", "2M", "4kb", "1.5MB"):
    flavor = objects.Flavor(name="f", vcpus=1, memory_mb=1, root_gb=1, ephemeral_gb=0, swap=0,
                            extra_specs={"hw:mem_page_size": size})
    image = objects.ImageMeta(name="i", properties=objects.ImageMetaProps())
    print(f"{size}: API {said(validators.validate, 'hw:mem_page_size', size)},"
          f" create {said(hardware.numa_get_constraints, flavor, image)}")
PYTHON

seen "^2MB: API taken, create taken$" "^2M: API taken, create refused \(MemoryPageSizeInvalid\)$" \
  "^4kb: API taken, create refused \(MemoryPageSizeInvalid\)$" \
  "^1.5MB: API refused \(ValidationError\), create taken$"
echo "as it was"
