#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: a server cannot be rebuilt with an image that changes what it takes of its host, as nova refuses one that
# changes the NUMA topology (400); or the claim in Placement follows the new image.
# Seen: neither, where hw_mem_encryption changes. The rebuild is accepted, on the same host, and Placement not asked:
#   plain server, encrypted image    its driver is to encrypt, with a key that nobody claimed
#   encrypted server, plain image    nothing is encrypted any more, and the key stays claimed
# So Placement's figure of free keys is off in either direction, until the server is moved, which claims anew, or
# deleted; what counts keys has to look at the servers, too.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"


def rebuilt(cloud, server, properties):
    cloud.api.post_server_action(server["id"], {"rebuild": {"imageRef": cloud.image(properties)}})
    return cloud.settled(server)


def moved(cloud, server):
    cloud.api.post_server_action(server["id"], {"migrate": None})
    return cloud.settled(server)


def story(cloud):
    cloud._start_compute("other")
    for name, first, second in (("to NUMA", {}, {"hw_numa_nodes": "1"}), ("to encrypted", CAPABLE, ENCRYPTED),
                                ("to plain", ENCRYPTED, CAPABLE)):
        server = cloud.create(first, {})
        say(f"{name}: created with {cloud.keys(server)} keys, encrypted {cloud.wants_encryption(server)}")
        say(f"{name}: rebuild {outcome(rebuilt, cloud, server, second)}")
        say(f"{name}: has {cloud.keys(server)} keys, encrypted {cloud.wants_encryption(server)}")
        say(f"{name}: move {outcome(moved, cloud, server)}, has {cloud.keys(server)} keys")


tell(story)
PYTHON

seen "^to NUMA: rebuild 400 .*NUMA" \
  "^to encrypted: created with 0 keys, encrypted False$" "^to encrypted: rebuild ACTIVE$" \
  "^to encrypted: has 0 keys, encrypted True$" "^to encrypted: move VERIFY_RESIZE, has 1 keys$" \
  "^to plain: created with 1 keys, encrypted True$" "^to plain: rebuild ACTIVE$" \
  "^to plain: has 1 keys, encrypted False$" "^to plain: move VERIFY_RESIZE, has 0 keys$"
echo "as it was"
