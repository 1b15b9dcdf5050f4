#!/bin/bash
# Placement 15.0.0 (Debian forky, python3-placement 15.0.0-1), on Debian as root with mmdebstrap.
#
# Guessed: PUT /allocations/{consumer} with no allocations, for a consumer that has none, changes nothing: it answers
# 204 as a repeated "give everything back" should, and the consumer stays unknown, as one is that gave back its last
# allocation.
# Seen: 204, and the consumer is made and stays, with generation 0. GET shows it like an unknown one ("allocations":
# {}, no consumer_generation), so a client that goes by the rules sends consumer_generation null with its first real
# claim, and is refused for good: 409 placement.concurrent_update, "expected 0 but got None". Generation 0, which
# nothing ever told it, works. DELETE answers 404, since nothing is allocated, and leaves the consumer in place.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-placement=15.0.0-1

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"


def put(consumer, keys, generation):
    resources = {CHILD: {"resources": {"MEM_ENCRYPTION_CONTEXT": keys}}} if keys else {}
    return ask("PUT", f"/allocations/{consumer}", {
        "allocations": resources, "consumer_generation": generation, "consumer_type": "INSTANCE",
        "project_id": "p", "user_id": "u"})


make_host()
RETURNED, NEVER = (str(uuid.uuid4()) for _ in range(2))
print("returned: claim", put(RETURNED, 1, None))
print("returned: give back", put(RETURNED, 0, 1))
print("returned: shown", ask("GET", f"/allocations/{RETURNED}"))
print("returned: claim again", put(RETURNED, 1, None))
print("never had: give back", put(NEVER, 0, None))
print("never had: shown", ask("GET", f"/allocations/{NEVER}"))
print("never had: deleted", ask("DELETE", f"/allocations/{NEVER}"))
print("never had: claim", put(NEVER, 1, None))
print("never had: claim with generation 0", put(NEVER, 1, 0))
PYTHON

seen "^returned: claim 204" "^returned: give back 204" "^returned: shown 200 \{\"allocations\": \{\}\}$" \
  "^returned: claim again 204" "^never had: give back 204" "^never had: shown 200 \{\"allocations\": \{\}\}$" \
  "^never had: deleted 404 " "^never had: claim 409 placement.concurrent_update .*expected 0 but got None$" \
  "^never had: claim with generation 0 204"
echo "as it was"
