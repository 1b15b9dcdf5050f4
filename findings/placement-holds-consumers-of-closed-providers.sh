#!/bin/bash
# Placement 8.0.0 (Debian 12, python3-placement 8.0.0-2), on Debian as root with mmdebstrap.
#
# Guessed: a provider that was closed (reserved equal to total), so that its host runs empty, takes no new consumer,
# and lets go of those that it has: a server's key may stay while it is given more of something else, and may be handed
# to the migration that moves the server away, as nova does it.
# Seen: Placement looks at the capacity for each line that is written, whether it was there before or not. With less
# capacity than is allocated it takes nothing but a removal of all of it:
#                                        8 of 8 reserved   6 of 8, two allocated
#   the same allocation again            409               204
#   the same key, one VCPU more          409               204
#   handed to a migration (a swap)       409               204
#   given back                           204               204
# So no server of a closed provider can be migrated or resized. Reserving what is not allocated (6 of 8) closes it as
# well, as long as nobody gives anything back. Placement 15.0.0 and 16.0.0 take all of these.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian bookworm python3-placement=8.0.0-2

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"
make_host()
KEY = {CHILD: {"resources": {"MEM_ENCRYPTION_CONTEXT": 1}}}


def holding(consumer, allocations):
    return {"allocations": allocations, "project_id": "p", "user_id": "u", "consumer_type": "INSTANCE",
            "consumer_generation": send("GET", f"/allocations/{consumer}").json.get("consumer_generation")}


def put(consumer, allocations):
    return send("PUT", f"/allocations/{consumer}", holding(consumer, allocations)).status_int


def swap(before, after):
    return send("POST", "/allocations", {before: holding(before, {}), after: holding(after, KEY)}).status_int


def reserve(keys):
    return set_inventories(CHILD, {"MEM_ENCRYPTION_CONTEXT": {"total": 8, "reserved": keys, "max_unit": 1}})[:3]


server, other, newcomer = (str(uuid.uuid4()) for _ in range(3))
print(f"open: claims {put(server, KEY)} {put(other, KEY)}")
for reserved in (8, 6):
    migration = str(uuid.uuid4())
    print(f"{reserved} reserved: {reserve(reserved)}, new {put(newcomer, KEY)}, again {put(server, KEY)}, "
          f"a VCPU more {put(server, {**KEY, HOST: {'resources': {'VCPU': 1}}})}, swap {swap(server, migration)}")
    server = migration if CHILD in send("GET", f"/allocations/{migration}").json["allocations"] else server
reserve(8)
print(f"8 reserved: given back {put(server, {})}")
PYTHON

seen "^open: claims 204 204$" "^8 reserved: 200, new 409, again 409, a VCPU more 409, swap 409$" \
  "^6 reserved: 200, new 409, again 204, a VCPU more 204, swap 204$" "^8 reserved: given back 204$"
echo "as it was"
