#!/bin/bash
# podman 5.8.6 (Debian forky, podman 5.8.6+ds1-3), on Debian as root with mmdebstrap.
#
# Guessed: AddDevice=-/dev/sev adds the device "only if it exists on the host" when the container starts,
# as a - before systemd's own paths does; names of the Container Device Interface, which AddDevice= hands on to
# --device, and systemd's specifiers are judged by what they stand for.
# Seen: the generator decides, at boot and at each daemon-reload, and writes a unit with or without --device:
#   a device that comes later (with kvm_amd, with vfio) is not there however often the
#   container is restarted, until somebody reloads
#   the text behind the - is looked for as a path: "-vendor.com/class=all" and "-%t/dev" are dropped always,
#   and nothing is logged
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky podman=5.8.6+ds1-3

inside bash -s <<'INSIDE' | tee "$work/seen"
mkdir -p /tmp/units /etc/cdi /run/dev
touch /run/dev/node
cat >/etc/cdi/tee.json <<'JSON'
{"cdiVersion": "0.6.0", "kind": "tee.test/class",
 "devices": [{"name": "all", "containerEdits": {"deviceNodes": [{"path": "/dev/null"}]}}]}
JSON
generated() { # generated NAME DEVICE
  printf '[Container]\nImage=localhost/image\nAddDevice=%s\n' "$2" >/tmp/units/tee.container
  QUADLET_UNIT_DIRS=/tmp/units /usr/libexec/podman/quadlet -dryrun -no-kmsg-log >/tmp/unit 2>/tmp/log
  echo "$1: $(grep ^ExecStart= /tmp/unit | grep -oE -- '--device [^ ]+' || echo none)," \
    "$(grep -ciE 'sev|tee.test|warn' /tmp/log) lines about it"
}
generated "before the module" -/dev/sev
touch /dev/sev
generated "after the module" -/dev/sev
generated "CDI" tee.test/class=all
generated "optional CDI" -tee.test/class=all
generated "specifier" %t/dev/node
generated "optional specifier" -%t/dev/node
INSIDE

seen "^before the module: none, 0 lines" "^after the module: --device /dev/sev," \
  "^CDI: --device tee.test/class=all," "^optional CDI: none, 0 lines" \
  "^specifier: --device %t/dev/node," "^optional specifier: none, 0 lines"
echo "as it was"
