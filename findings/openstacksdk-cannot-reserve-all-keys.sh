#!/bin/bash
# openstacksdk 4.20.0 with Placement 15.0.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: an inventory is changed as everything in the SDK is: fetch it, update one field of it, and the SDK sends
# it back with the generation that came along, at the newest microversion both sides know.
# Seen: for inventories it does none of the three.
#   the update sends the changed field, "resource_provider_generation": null, and neither total nor the rest: 400,
#   whatever was fetched (the generation has to be read from the provider and given by hand, total too)
#   what is not given falls back to its default: max_unit 1 becomes 2147483647 with a change of reserved
#   inventories go without a microversion (1.0), everything else of Placement with 1.20 at most: reserved equal to
#   total, which takes a host out of scheduling and which Placement allows from 1.26, cannot be written at all
# The exception and its .details say "Bad Request" each time; Placement's sentence is in .response alone.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-openstacksdk=4.20.0-2 python3-placement=15.0.0-1

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"
make_host()
sent = []
connection = sdk(sent)
KEYS = "MEM_ENCRYPTION_CONTEXT"


def attempt(name, *inventory, **fields):
    try:
        changed = connection.placement.update_resource_provider_inventory(*inventory, **fields)
        print(f"{name}: reserved {changed.reserved} of {changed.total}, max_unit {changed.max_unit}")
    except Exception as error:
        reason = " ".join(error.response.json()["errors"][0]["detail"].split())
        print(f"{name}: {error.status_code} {error.details}: {reason}")
    print("  sent", sent[-1].replace(CHILD, "CHILD"))


fetched = connection.placement.get_resource_provider_inventory(KEYS, CHILD)
print(f"fetched: reserved {fetched.reserved} of {fetched.total}, max_unit {fetched.max_unit}")
attempt("fetched and updated", fetched, reserved=2)
attempt("without a generation", KEYS, CHILD, total=8, reserved=2)
attempt("with all by hand", KEYS, CHILD, total=8, reserved=2, resource_provider_generation=generation(CHILD))
attempt("all reserved", KEYS, CHILD, total=8, reserved=8, resource_provider_generation=generation(CHILD))
print("by hand:", set_inventories(CHILD, {KEYS: {"total": 8, "reserved": 8}}, "1.26").split()[0])
PYTHON

seen "^fetched: reserved 0 of 8, max_unit 1$" \
  "^fetched and updated: 400 Bad Request: .*'total' is a required property" \
  '^  sent PUT .*/MEM_ENCRYPTION_CONTEXT no version .*"resource_provider_generation": null' \
  "^without a generation: 400 Bad Request: .*None is not of type 'integer'" \
  "^with all by hand: reserved 2 of 8, max_unit 2147483647$" \
  "^all reserved: 400 Bad Request: .*reserved value is greater than or equal to total" "^by hand: 200$"
echo "as it was"
