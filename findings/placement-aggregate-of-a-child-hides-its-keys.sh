#!/bin/bash
# Placement 15.0.0 (Debian forky, python3-placement 15.0.0-1), on Debian as root with mmdebstrap.
#
# Guessed: an aggregate parts the keys of hosts. A query for a server with a key (resources of host and child, no
# number) finds with member_of=A the hosts whose child is in A, and with member_of=!A the others; the
# host's own aggregate counts for its children too.
# Seen: of these only the last, and not for a numbered group:
#   in A              member_of=A   member_of=!A    in a group of the key's own: member_of1=A   member_of1=!A
#   the host          yes           no                                           no             yes
#   the child alone   no            no                                           yes            no
#   both              yes           no                                           yes            no
# Without a number each provider that gives something has to be in A (by itself or its root), and none may be in it:
# a child in an aggregate of its own is in no part at all. So keys are parted by aggregates of hosts; a numbered group
# looks at the child alone, and finds a key on hosts that were to be kept out.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-placement=15.0.0-1

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"
make_host()
AGGREGATE = str(uuid.uuid4())
WITH_KEY = "resources=VCPU:1,MEM_ENCRYPTION_CONTEXT:1&required=HW_CPU_X86_INTEL_TDX"
NUMBERED = "resources=VCPU:1&resources1=MEM_ENCRYPTION_CONTEXT:1&required1=HW_CPU_X86_INTEL_TDX"


def put(provider, aggregates):
    send("PUT", f"/resource_providers/{provider}/aggregates", {
        "aggregates": aggregates, "resource_provider_generation": generation(provider)})


def found(query):
    answer = send("GET", f"/allocation_candidates?{query}")
    return "yes" if answer.json["allocation_requests"] else "no"


for name, members in (("nobody", []), ("host", [HOST]), ("child", [CHILD]), ("both", [HOST, CHILD])):
    for provider in (HOST, CHILD):
        put(provider, [AGGREGATE] if provider in members else [])
    asked = ", ".join(f"{what} {found(query + member)}" for what, query, member in (
        ("in", WITH_KEY, f"&member_of={AGGREGATE}"), ("out", WITH_KEY, f"&member_of=!{AGGREGATE}"),
        ("group in", NUMBERED, f"&member_of1={AGGREGATE}"), ("group out", NUMBERED, f"&member_of1=!{AGGREGATE}"),
        ("plain out", "resources=VCPU:1", f"&member_of=!{AGGREGATE}")))
    print(f"{name}: {asked}")
PYTHON

seen "^nobody: in no, out yes, group in no, group out yes, plain out yes$" \
  "^host: in yes, out no, group in no, group out yes, plain out no$" \
  "^child: in no, out no, group in yes, group out no, plain out yes$" \
  "^both: in yes, out no, group in yes, group out no, plain out no$"
echo "as it was"
