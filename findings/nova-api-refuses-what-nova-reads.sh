#!/bin/bash
# nova 34.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: what nova's compute code reads of a flavor, nova's API lets an operator write.
# Seen: not for two extra specs. From microversion 2.86 on the API checks extra specs against tables
# (nova.api.validation.extra_specs), and these lack what nova.virt.hardware reads:
#   os:secure_boot=optional    API: refused, "'optional' is not one of: disabled, required."
#                              hardware: optional, the third policy, as of an image
#   hw:maxphysaddr_mode=...    API: refused, "does not appear to be a valid extra spec"
#                              hardware: read, and a trait is asked of Placement for it
# So "optional", which trust domains need where firmware has secure boot on, can stand in the image's
# os_secure_boot alone, unless the flavor is written with an older microversion.
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


def api(name, value):
    try:
        validators.validate(name, value)
        return "taken"
    except exception.ValidationError as error:
        return "refused: " + str(error)


def read(function, name, value):
    flavor = objects.Flavor(name="f", vcpus=1, memory_mb=1, root_gb=1, ephemeral_gb=0, swap=0,
                            extra_specs={name: value})
    image = objects.ImageMeta(name="i", properties=objects.ImageMetaProps(hw_firmware_type="uefi"))
    return function(flavor, image)


for name, value, function in (
        ("os:secure_boot", "required", hardware.get_secure_boot_constraint),
        ("os:secure_boot", "optional", hardware.get_secure_boot_constraint),
        ("hw:maxphysaddr_mode", "emulate", hardware.get_maxphysaddr_mode)):
    print(f"{name}={value}: API {api(name, value)} hardware {read(function, name, value)}")
PYTHON

seen "^os:secure_boot=required: API taken hardware required$" \
  "^os:secure_boot=optional: API refused: .*not one of: disabled, required.* hardware optional$" \
  "^hw:maxphysaddr_mode=emulate: API refused: .*valid extra spec.* hardware emulate$"
echo "as it was"
