#!/bin/bash
# libvirt 12.8.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: what is asked of the host and changes nothing (virConnectGetDomainCapabilities is known not to be,
# since it runs an emulator) is answered on a read-only connection: monitoring may know whether a host has SEV.
# Seen: virConnectGetCapabilities, virNodeGetInfo and the like are; virNodeGetSEVInfo, which runs nothing and has
# no secret in it, is refused as well, and so is virDomainGetLaunchSecurityInfo of one's own guest. So the two calls
# that say what a host offers (SEV and TDX in domain capabilities, SEV's number of keys) both take the right to change
# it. The client library itself refuses, before the driver is asked: the test driver, which has no
# virNodeGetSEVInfo, says "not supported" on a read-write connection only.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 libvirt-clients=12.8.0-1

inside bash -s <<'INSIDE' | tee "$work/seen"
for access in "--readonly" ""; do
  for command in capabilities nodeinfo maxvcpus nodesevinfo domcapabilities "domlaunchsecinfo test"; do
    printf '%s %s: ' "${access:---readwrite}" "$command"
    # shellcheck disable=SC2086
    if out=$(virsh -q $access -c test:///default $command 2>&1); then echo answered; else
      tail -n 1 <<<"$out"
    fi
  done
done
INSIDE

seen "^--readonly capabilities: answered$" "^--readonly nodeinfo: answered$" "^--readonly maxvcpus: answered$" \
  "^--readonly nodesevinfo: .*read only access prevents virNodeGetSEVInfo$" \
  "^--readonly domcapabilities: .*read only access prevents virConnectGetDomainCapabilities$" \
  "^--readonly domlaunchsecinfo test: .*read only access prevents virDomainGetLaunchSecurityInfo$" \
  "^--readwrite nodesevinfo: .*not supported by the connection driver: virNodeGetSEVInfo$"
echo "as it was"
