#!/bin/bash
# QEMU 11.1.2 (Debian forky, qemu-system-x86 1:11.1.2+ds-3), on Debian as root with mmdebstrap.
#
# Guessed: "-object TYPE,help" lists all options of a type, as it does for memory-backend-file; at least those without
# which the object cannot be made.
# Seen: it lists what belongs to the class alone. What a type adds to each object is missing:
#   tdx-guest,help       "There are no options for tdx-guest.", of which the QMP schema knows six
#   sev-snp-guest,help   neither cbitpos nor reduced-phys-bits, and the latter is mandatory
#   sev-guest,help       neither of the two, nor policy
# A probe that looks for an option in the help (does this QEMU know mrconfigid?) gets a wrong "no";
# query-qmp-schema is right, and needs neither KVM nor a guest.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky qemu-system-x86=1:11.1.2+ds-3 python3

inside python3 - <<'PYTHON' | tee "$work/seen"
import json
import re
import subprocess

QEMU = ["qemu-system-x86_64", "-accel", "tcg", "-machine", "none", "-display", "none", "-S"]


def run(*options, stdin=""):
    return subprocess.run([*QEMU, *options], input=stdin, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


asked = run("-qmp", "stdio", stdin='{"execute": "qmp_capabilities"}{"execute": "query-qmp-schema"}{"execute": "quit"}')
schema = {}
for line in asked.splitlines():
    for entry in (json.loads(line).get("return") or []) if line.startswith("{") else []:
        schema[entry["name"]] = entry
variants = schema[schema["object-add"]["arg-type"]]["variants"]

for kind in ("tdx-guest", "sev-snp-guest", "sev-guest", "memory-backend-file", "tls-creds-x509"):
    members = schema[next(v["type"] for v in variants if v["case"] == kind)]["members"]
    helped = re.findall(r"^  ([\w-]+)=<", run("-object", f"{kind},help"), re.MULTILINE)
    missing = sorted(m["name"] + ("" if "default" in m else " (mandatory)")
                     for m in members if m["name"] not in helped)
    print(f"{kind}: schema has {len(members)}, help has {len(helped)}, missing: {', '.join(missing)}")
print("without:", run("-object", "sev-snp-guest,id=snp").strip())
PYTHON

seen "^tdx-guest: schema has 6, help has 0, missing: .*mrconfigid.*quote-generation-socket" \
  "^sev-snp-guest: .*missing: cbitpos, reduced-phys-bits \(mandatory\)$" \
  "^sev-guest: .*missing: cbitpos, handle, policy, reduced-phys-bits \(mandatory\)$" \
  "^memory-backend-file: schema has ([0-9]+), help has \1, missing: $" \
  "^tls-creds-x509: schema has ([0-9]+), help has \1, missing: $" \
  "^without: .*Parameter 'reduced-phys-bits' is missing$"
echo "as it was"
