#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: a forced evacuation (microversions 2.29 to 2.67) goes past the scheduler and claims on the host that is
# named what the server has; where that host has no key left it is refused, or the server has a fault.
# Seen: an ordinary server moves. An encrypted one, with a host that has eight free keys, stays: its key is with a
# child of the host's provider, and nova forces no such server ("complex allocations"). The request is accepted (202),
# the server stays ACTIVE on the host that is down and has no fault; that nothing was done is told by the server's
# event alone. Without force both move.
# So who evacuates a host by force, as tools older than microversion 2.68 do, leaves its trust domains behind without
# word of it.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"


def story(cloud):
    def event(server):
        """Result and details of the latest event of the server."""
        cloud.api.microversion = "2.84"
        latest = cloud.api.get_instance_actions(server["id"])[0]["request_id"]
        action = cloud.api.api_get(f"/servers/{server['id']}/os-instance-actions/{latest}").body["instanceAction"]
        while not action["events"] or action["events"][0]["result"] is None:
            time.sleep(0.1)
            action = cloud.api.api_get(f"/servers/{server['id']}/os-instance-actions/{latest}").body["instanceAction"]
        return action["events"][0]

    def evacuate(kind, server, **how):
        cloud.api.microversion = "2.67"
        cloud.api.post_server_action(server["id"], {"evacuate": how})
        ended = event(server)
        server = cloud.settled(server)
        say(f"{kind}: {server['status']} on {server['OS-EXT-SRV-ATTR:host']}, fault {server.get('fault')}, "
            f"event {ended['result']} {(ended.get('details') or '').replace(server['id'], 'SERVER')}".strip())

    ordinary, encrypted, another = (cloud.create(CAPABLE, specs) for specs in ({}, ENCRYPTING, ENCRYPTING))
    cloud._start_compute("other")
    cloud.computes["host"].stop()
    service, = cloud.api.get_services(host="host", binary="nova-compute")
    cloud.api.put_service(service["id"], {"forced_down": True})
    evacuate("ordinary, forced", ordinary, host="other", force=True)
    evacuate("encrypted, forced", encrypted, host="other", force=True)
    evacuate("encrypted, not forced", another, host="other")


tell(story)
PYTHON

seen "^ordinary, forced: ACTIVE on other, fault None, event Success$" \
  "^encrypted, forced: ACTIVE on host, fault None, event Error .*complex allocations .* cannot be forced\.$" \
  "^encrypted, not forced: ACTIVE on other, fault None, event Success$"
echo "as it was"
