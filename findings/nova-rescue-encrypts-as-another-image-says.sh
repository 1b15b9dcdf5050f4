#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: a rescued server is encrypted as before: it is the same server on the same host, with another disk to boot
# from, and nova keeps what its image said when it was made.
# Seen: nova's libvirt driver goes by the flavor and by the image that is booted, as Glance has it now, and nobody asks
# Placement:
#   server                  rescue image                            rescued
#   encrypted by its image  plain                                   plain, and the key stays claimed
#   plain                   encrypted                               encrypted, with a key that nobody claimed
#   encrypted by its image  none named; the image is plain by now   plain
#   encrypted by its image  plain, with hw_rescue_device            encrypted: here its own image counts
#   encrypted by flavor     plain                                   encrypted
#   encrypted by flavor     no property of it all                   ERROR, and it was stopped before
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
from unittest import mock  # noqa: E402

from nova.image import glance  # noqa: E402
from nova.virt.libvirt import driver as libvirt  # noqa: E402

rescued = {}  # By the server: whether what it boots is encrypted.


def rescue(self, ctxt, instance, network_info, image_meta, *more):
    """The libvirt driver's, of which the image is kept that its domain XML is made of."""
    compute = mock.Mock(_image_api=glance.API())
    compute._get_existing_domain_xml.return_value = ""
    compute._get_all_assigned_mediated_devices.return_value = {}
    with mock.patch.object(libvirt.blockinfo, "get_disk_info"), \
            mock.patch.object(libvirt.libvirt_utils, "get_instance_path", return_value="/tmp"):
        libvirt.LibvirtDriver.rescue(compute, ctxt, instance, network_info, image_meta, *more)
    image = compute._get_guest_xml.call_args.args[4]
    rescued[instance.uuid] = bool(hardware.get_mem_encryption_constraint(instance.flavor, image))


Hypervisor.rescue = rescue


def ask_rescue(cloud, server, image):
    cloud.api.post_server_action(server["id"], {"rescue": {"rescue_image_ref": image} if image else {}})
    return cloud.settled(server)


def try_rescue(cloud, name, properties, extra_specs, rescue_properties):
    server = cloud.create(properties, extra_specs)
    before = f"{cloud.keys(server)} keys, encrypted {cloud.wants_encryption(server)}"
    image = cloud.image(rescue_properties) if rescue_properties is not None else None
    if not image:
        with mock.patch.dict(cloud.glance.images[server["image"]["id"]]["properties"], hw_mem_encryption="false"):
            status = outcome(ask_rescue, cloud, server, image)
    else:
        status = outcome(ask_rescue, cloud, server, image)
    say(f"{name}: {before}; {status.split()[0]}, {cloud.keys(server)} keys, encrypted {rescued.get(server['id'])}")


def story(cloud):
    stable = {**CAPABLE, "hw_rescue_device": "disk", "hw_rescue_bus": "virtio"}
    for name, properties, extra_specs, image in (
            ("own, plain", ENCRYPTED, {}, CAPABLE), ("plain, encrypted", CAPABLE, {}, ENCRYPTED),
            ("own, changed", ENCRYPTED, {}, None), ("own, stable", ENCRYPTED, {}, stable),
            ("flavor, plain", CAPABLE, ENCRYPTING, CAPABLE), ("flavor, bare", CAPABLE, ENCRYPTING, {})):
        try_rescue(cloud, name, properties, extra_specs, image)


tell(story)
PYTHON

seen "^own, plain: 1 keys, encrypted True; RESCUE, 1 keys, encrypted False$" \
  "^plain, encrypted: 0 keys, encrypted False; RESCUE, 0 keys, encrypted True$" \
  "^own, changed: 1 keys, encrypted True; RESCUE, 1 keys, encrypted False$" \
  "^own, stable: 1 keys, encrypted True; RESCUE, 1 keys, encrypted True$" \
  "^flavor, plain: 1 keys, encrypted True; RESCUE, 1 keys, encrypted True$" \
  "^flavor, bare: 1 keys, encrypted True; ERROR, 1 keys, encrypted None$"
echo "as it was"
