#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: "nova-manage placement heal_allocations" gives a server back what the scheduler had claimed for it, its
# key included; or it says that it cannot, as it does for vGPUs.
# Seen: the key is lost, or the run ends:
#   image with hw_mem_encryption    "Successfully created allocations", without the key; the next run finds the
#                                   server up-to-date, and the key is claimed by somebody else
#   flavor with hw:mem_encryption   FlavorImageConflict, which blames an image that is right: healing looks at the
#                                   flavor alone. The servers after it are not healed
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
from nova.cmd import manage  # noqa: E402


def heal():
    with captured() as output:
        try:
            ended = manage.PlacementCommands().heal_allocations(verbose=True)
        except Exception as error:
            ended = f"{type(error).__name__} {error.args[0] if error.args else error}"
    lines = output.getvalue().splitlines()
    return f"{ended}: " + " ".join(line for line in lines if "allocation" in line)


def story(cloud):
    for name, properties, extra_specs in (("image", ENCRYPTED, {}), ("flavor", CAPABLE, ENCRYPTING),
                                          ("plain", CAPABLE, {})):
        server = cloud.create(properties, extra_specs)
        say(f"{name}: created with {cloud.keys(server)} keys")
        cloud._delete_server_allocations(server["id"])
        say(f"{name}: heal", heal())
        say(f"{name}: healed {bool(cloud._get_allocations_by_server_uuid(server['id']))}, {cloud.keys(server)} keys")


tell(story)
PYTHON

seen "^image: created with 1 keys$" "^image: heal 0: Successfully created allocations" "^image: healed True, 0 keys$" \
  "^flavor: created with 1 keys$" "^flavor: heal FlavorImageConflict.*hw_firmware_type.* up-to-date" \
  "^flavor: healed False, 0 keys$" "^plain: heal FlavorImageConflict" "^plain: healed False, 0 keys$"
echo "as it was"
