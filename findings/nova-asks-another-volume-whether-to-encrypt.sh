#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: a server that boots from a volume is encrypted if the volume says so: Cinder keeps the image's properties with
# each volume, and with each snapshot of it as they were then. An imageRef beside it is refused, or says nothing.
# Seen: nova asks the volume only if it is named itself. What Cinder keeps with a snapshot its API does not show, so nova
# asks the volume that was snapshot, as it is by now; and an imageRef is all that counts:
#   booted from                    whose hw_mem_encryption         server
#   encrypted volume               true                            encrypted, one key
#   plain volume                   absent                          plain
#   snapshot of encrypted volume   true                            encrypted, one key
#   the same snapshot              gone from the volume since      plain
#   encrypted volume               absent of the imageRef          plain
#   plain volume                   true of the imageRef            encrypted, one key
# So whoever takes the property off a volume takes it off the servers that are made of its snapshots. Cinder is nova's
# stand-in for its functional tests.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
import uuid  # noqa: E402
from unittest import mock  # noqa: E402

from nova.volume import cinder  # noqa: E402

volumes = {}  # The properties that Cinder has kept of the image that a volume was made of.


def volume(properties):
    name = str(uuid.uuid4())
    volumes[name] = properties
    return name


def boot(cloud, name, source, source_type="volume", image=None):
    body = cloud._build_server(image_uuid=image, flavor_id=cloud.flavor({}), networks="none")
    body.update(imageRef=image or "", block_device_mapping_v2=[{
        "boot_index": 0, "source_type": source_type, "destination_type": "volume", "uuid": source,
        "volume_size": 1, "delete_on_termination": False}])
    server = cloud.settled(cloud.api.post_server({"server": body}))
    say(f"{name}: {server['status']}, encrypted {cloud.wants_encryption(server)}, {cloud.keys(server)} keys")
    cloud._delete_server(server)


def story(cloud):
    stand_in = cinder.API.get

    def get(self, ctxt, name, *more, **options):
        kept = {"bootable": True, "volume_image_metadata": dict(volumes[name])} if name in volumes else {}
        return {**stand_in(ctxt, name, *more, **options), **kept}

    with mock.patch.object(cinder.API, "get", get):
        encrypted, plain = volume(ENCRYPTED), volume(CAPABLE)
        boot(cloud, "encrypted volume", encrypted)
        boot(cloud, "plain volume", plain)
        boot(cloud, "encrypted volume, plain image", encrypted, image=cloud.image(CAPABLE))
        boot(cloud, "plain volume, encrypted image", plain, image=cloud.image(ENCRYPTED))
        snapshot = cinder.API().create_snapshot_force(None, encrypted, "snapshot", "")["id"]
        boot(cloud, "snapshot", snapshot, "snapshot")
        volumes[encrypted] = CAPABLE
        boot(cloud, "snapshot, volume changed", snapshot, "snapshot")


tell(story)
PYTHON

seen "^encrypted volume: ACTIVE, encrypted True, 1 keys$" "^plain volume: ACTIVE, encrypted False, 0 keys$" \
  "^encrypted volume, plain image: ACTIVE, encrypted False, 0 keys$" \
  "^plain volume, encrypted image: ACTIVE, encrypted True, 1 keys$" \
  "^snapshot: ACTIVE, encrypted True, 1 keys$" "^snapshot, volume changed: ACTIVE, encrypted False, 0 keys$"
echo "as it was"
