#!/bin/bash
# Placement 15.0.0 (Debian forky, python3-placement 15.0.0-1), on Debian as root with mmdebstrap.
#
# Guessed: Placement refuses an inventory of which nothing can be claimed: it does for total 0, for reserved above
# total, and before microversion 1.26 for reserved equal to total, which its history names as what 1.26 allows.
# Seen: it compares nothing with the units, in any microversion. Taken with 200, though no claim can ever succeed:
#   min_unit 3 with max_unit 2;  min_unit 9, or step_size 16, of a total of 8
#   allocation_ratio 0, refused before 1.26: the history speaks of reserved, the code of the capacity
# allocation_candidates and the claim agree that there is nothing, without a hint why.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-placement=15.0.0-1

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"
make_host()


def claim(keys):
    return ask("PUT", f"/allocations/{uuid.uuid4()}", {
        "allocations": {CHILD: {"resources": {"MEM_ENCRYPTION_CONTEXT": keys}}}, "consumer_generation": None,
        "consumer_type": "INSTANCE", "project_id": "p", "user_id": "u"}).split()[0]


def candidates(keys):
    found = send("GET", f"/allocation_candidates?resources=MEM_ENCRYPTION_CONTEXT:{keys}")
    return len(found.json["allocation_requests"])


def try_inventory(name, version="1.39", **fields):
    written = set_inventories(CHILD, {"MEM_ENCRYPTION_CONTEXT": {"total": 8, **fields}}, version).split()[0]
    some = [keys for keys in range(1, 17) if candidates(keys) or claim(keys) != "409"] if written == "200" else "-"
    print(f"{name}: {written}, can be claimed: {some}")


for name, fields in (("total 0", {"total": 0}), ("reserved 9", {"reserved": 9}),
                     ("min 3 max 2", {"min_unit": 3, "max_unit": 2}), ("min 9", {"min_unit": 9}),
                     ("step 16", {"step_size": 16}), ("ratio 0", {"allocation_ratio": 0}),
                     ("ratio -1", {"allocation_ratio": -1}), ("reserved 8", {"reserved": 8})):
    try_inventory(name, **fields)
    try_inventory(name + " in 1.25", "1.25", **fields)
PYTHON

for name in "total 0" "reserved 9" "ratio -1"; do seen "^$name: 400" "^$name in 1.25: 400"; done
for name in "min 3 max 2" "min 9" "step 16"; do
  seen "^$name: 200, can be claimed: \[\]$" "^$name in 1.25: 200, can be claimed: \[\]$"
done
for name in "reserved 8" "ratio 0"; do seen "^$name: 200, can be claimed: \[\]$" "^$name in 1.25: 400"; done
echo "as it was"
