#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: a server that is deleted while its host does not answer keeps its key until the host is back; or the
# returning nova-compute ends, before anything else, what was deleted meanwhile.
# Seen: the API gives the key back at once, to a host where the guest runs. The returning nova-compute starts, reports
# its eight keys, of which none is in use, and leaves the guest alone: what ends it is a periodic task of its own,
# each running_deleted_instance_poll_interval (1800 s), the first no sooner than that. Until then eight more servers
# get the eight keys, and the host has nine guests. (nova's fake hypervisor starts all nine; a kernel would refuse
# the ninth its key.)
# So for half an hour the keys in Placement are one more than the kernel has: who counts them there alone starts a
# trust domain that fails.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"

from nova import conf


def story(cloud):
    def state(moment):
        child, = [one for one in cloud._get_all_providers() if one["name"] == "host_intel_tdx"]
        used = cloud._get_provider_usages(child["uuid"])["MEM_ENCRYPTION_CONTEXT"]
        say(f"{moment}: {used} keys allocated, {len(compute.driver.list_instance_uuids())} guests run")

    server = cloud.create(CAPABLE, ENCRYPTING)
    compute = cloud.computes["host"]
    state("made")
    compute.stop()
    service, = cloud.api.get_services(host="host", binary="nova-compute")
    cloud.api.put_service(service["id"], {"forced_down": True})
    cloud.api.delete_server(server["id"])
    while cloud.api.get_servers():
        time.sleep(0.1)
    state("deleted while the host is away")
    cloud.api.put_service(service["id"], {"forced_down": False})
    compute = cloud.computes["host"] = cloud.restart_compute_service(compute, keep_hypervisor_state=True)
    cloud._run_periodics()
    state("host back, keys reported")
    made = [cloud.create(CAPABLE, ENCRYPTING)["status"] for _ in range(8)]
    state(f"{made.count('ACTIVE')} more made")
    say("looks for such guests each", conf.CONF.running_deleted_instance_poll_interval, "s")
    compute.manager._cleanup_running_deleted_instances(context.get_admin_context())
    state("after that look")


tell(story)
PYTHON

seen "^made: 1 keys allocated, 1 guests run$" "^deleted while the host is away: 0 keys allocated, 1 guests run$" \
  "^host back, keys reported: 0 keys allocated, 1 guests run$" "^8 more made: 8 keys allocated, 9 guests run$" \
  "^looks for such guests each 1800 s$" "^after that look: 8 keys allocated, 8 guests run$"
echo "as it was"
