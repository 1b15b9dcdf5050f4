#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: min_count 1 and max_count 10 of one request make as many encrypted servers as there are keys for, as they
# make as many as a quota has cores for: eight of ten, where the host has eight keys.
# Seen: the quota brings the count down, keys do not. All ten are made and put in ERROR, eight free keys or not:
#   keys free   quota of cores   asked for                servers
#   8           20               1 to 10 in one request   10 in ERROR, no key taken
#   8           8                1 to 10 in one request   8 ACTIVE
#   8           20               1 in each of 10          8 ACTIVE, 2 in ERROR
# The scheduler wants a host for each server of a request or gives none, whatever min_count says. So who fills a host
# up asks one by one, or limits keys as a quota does (class:MEM_ENCRYPTION_CONTEXT of unified limits).
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
import collections  # noqa: E402


def ask(cloud, highest):
    server = cloud._build_server(image_uuid=cloud.image(ENCRYPTED), flavor_id=cloud.flavor({}), networks="none")
    cloud.api.post_server({"server": {**server, "min_count": 1, "max_count": highest}})


def settle(cloud, name):
    """Says what became of all servers, and deletes them."""
    servers = [cloud.settled(server) for server in cloud.api.get_servers()]
    states = collections.Counter(server["status"] for server in servers)
    say(f"{name}: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))},"
        f" {sum(map(cloud.keys, servers))} keys,", *{server["fault"]["message"] for server in servers if "fault" in server})
    for server in servers:
        cloud._delete_server(server)


def story(cloud):
    ask(cloud, 10)
    settle(cloud, "one request")
    for _ in range(10):
        ask(cloud, 1)
    settle(cloud, "ten requests")
    cloud.flags(cores=8, group="quota")
    ask(cloud, 10)
    settle(cloud, "one request, eight cores")


tell(story)
PYTHON

seen "^one request: 10 ERROR, 0 keys, No valid host was found" \
  "^ten requests: 8 ACTIVE, 2 ERROR, 8 keys, No valid host was found" "^one request, eight cores: 8 ACTIVE, 8 keys,$"
echo "as it was"
