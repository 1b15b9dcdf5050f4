#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: with unified limits a registered limit of class:MEM_ENCRYPTION_CONTEXT bounds a project's keys, however
# encryption is asked for: a server above it is refused with 403.
# Seen: what a server will take is worked out from the flavor alone, before the image is looked at:
#   flavor with hw:mem_encryption          no server at all: 400, "the image metadata doesn't have the
#                                          'hw_firmware_type' property", whatever the image has; limit or no limit
#   image with hw_mem_encryption           accepted above the limit; ends in ERROR after a host was chosen, and
#                                          keeps the key until it is deleted
#   that image, and a flavor with          403, as guessed; and no key too many is taken, since nova asks for one
#   resources:MEM_ENCRYPTION_CONTEXT=1     whatever the figure is
# So where limits are on, encryption belongs in the image, and the key in the flavor; and such a flavor with a plain
# image takes a key for a server that is not encrypted.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
from nova.limit import local  # noqa: E402
from oslo_limit import fixture  # noqa: E402

KEYS = "MEM_ENCRYPTION_CONTEXT"
COUNTED = {"resources:" + KEYS: "1"}


def story(cloud):
    def attempt(name, properties, extra_specs):
        say(f"{name}: {outcome(cloud.create, properties, extra_specs)}")

    attempt("no limits, flavor", CAPABLE, ENCRYPTING)
    cloud.flags(driver="nova.quota.UnifiedLimitsDriver", group="quota")
    limits = {name: 99999 for name in (*local.API_LIMITS, *local.DB_LIMITS, "servers", "class:VCPU", "class:MEMORY_MB",
                                       "class:DISK_GB")}
    cloud.useFixture(fixture.LimitFixture({**limits, "class:" + KEYS: 3}, {}))
    attempt("flavor", CAPABLE, ENCRYPTING)
    attempt("image and counted flavor", ENCRYPTED, COUNTED)
    server = cloud.create(CAPABLE, COUNTED)
    say(f"plain image and counted flavor: {server['status']}, {cloud.keys(server)} keys,"
        f" encrypted {cloud.wants_encryption(server)}")
    attempt("counted flavor above", ENCRYPTED, COUNTED)
    attempt("image above", ENCRYPTED, {})
    usages = cloud.placement.get("/usages?project_id=" + cloud.api.project_id, version="1.9").body["usages"]
    say(f"keys taken: {usages[KEYS]}")


tell(story)
PYTHON

seen "^no limits, flavor: ACTIVE$" "^flavor: 400 .*hw:mem_encryption .*image metadata doesn't have .*hw_firmware_type" \
  "^image and counted flavor: ACTIVE$" "^counted flavor above: 403 .*class:MEM_ENCRYPTION_CONTEXT is over limit of 3 " \
  "^image above: ERROR .*" "^keys taken: 4$" \
  "^plain image and counted flavor: ACTIVE, 1 keys, encrypted False$"
echo "as it was"
