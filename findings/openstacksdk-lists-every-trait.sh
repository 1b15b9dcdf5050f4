#!/bin/bash
# openstacksdk 4.20.0 with Placement 15.0.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: conn.placement.traits(name="in:HW_CPU_X86_INTEL_TDX") asks whether the cloud knows the trait, and
# traits(associated=True) which ones hosts have: the SDK declares both as query parameters of a trait, refuses no
# such argument, and Placement answers both.
# Seen: the SDK sends neither. It lists GET /traits without a query and hands out every trait of the cloud, so the
# list is never empty and "is it known?" is always yes. The same query sent to Placement by hand gives one, or none.
# get_trait(NAME), which says NotFoundException, is the way to ask.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-openstacksdk=4.20.0-2 python3-placement=15.0.0-1

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"
make_host()
sent = []
connection = sdk(sent)
every = len(list(connection.placement.traits()))

for query in ({"name": "in:HW_CPU_X86_INTEL_TDX"}, {"name": "in:HW_CPU_X86_NO_SUCH"}, {"associated": "true"}):
    found = len(list(connection.placement.traits(**query)))
    name, value = next(iter(query.items()))
    direct = len(send("GET", f"/traits?{name}={value}").json["traits"])
    print(f"{name}={value}: SDK {'every trait' if found == every else found}, sent {sent[-1].split()[1]};"
          f" Placement by hand {direct}")
try:
    connection.placement.get_trait("HW_CPU_X86_NO_SUCH")
except Exception as error:
    print("get_trait:", type(error).__name__)
PYTHON

seen "^name=in:HW_CPU_X86_INTEL_TDX: SDK every trait, sent /traits; Placement by hand 1$" \
  "^name=in:HW_CPU_X86_NO_SUCH: SDK every trait, sent /traits; Placement by hand 0$" \
  "^associated=true: SDK every trait, sent /traits; Placement by hand 1$" "^get_trait: NotFoundException$"
echo "as it was"
