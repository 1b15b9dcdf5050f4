#!/bin/bash
# osc-placement 4.9.1 with Placement 15.0.0 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: --required A,B of "openstack resource provider list" means what required=A,B means in the API: both.
# --forbidden A,B means neither, or is refused as no trait's name.
# Seen: it puts the text behind a prefix of its own and lets Placement read the whole:
#   --required A,B    in:A,B    either is enough; from 1.39 only, which --help says (refused before)
#   --forbidden A,B   !A,B      not A, but B: it lists just what was to be left out, with every version from 1.22 on,
#                               and --help says nothing
# Both words repeated mean what was meant. Without --os-placement-api-version the command speaks 1.29, not the newest.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky python3-osc-placement=4.9.1-3 python3-placement=15.0.0-1 python3-openstackclient

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - | tee "$work/seen"
import subprocess
from urllib.parse import unquote

for name, traits in (("tdx", ["HW_CPU_X86_INTEL_TDX"]), ("sgx", ["HW_CPU_X86_SGX"]), ("neither", []),
                     ("both", ["HW_CPU_X86_INTEL_TDX", "HW_CPU_X86_SGX"])):
    made = send("POST", "/resource_providers", {"name": name}).json
    send("PUT", f"/resource_providers/{made['uuid']}/traits", {
        "resource_provider_generation": made["generation"], "traits": traits})
sent = []
os.environ.update(OS_AUTH_TYPE="admin_token", OS_ENDPOINT=serve(sent), OS_TOKEN="admin")


def names(lines):
    return ", ".join(sorted(lines)) or "none"


def listed(version, *options):
    chosen = ["--os-placement-api-version", version] if version else []
    out = subprocess.run(["openstack", *chosen, "resource", "provider", "list", "-f", "value", "-c", "name", *options],
                         text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    if "requires at least" not in out:
        _, query, _, spoken = sent[-1].split()
        out = f"{names(out.split())}; sent {unquote(query)} {spoken}"
    print(f"{' '.join(options)} in {version or 'default'}: {out.strip()}")


def by_hand(query):
    found = send("GET", "/resource_providers?" + query).json["resource_providers"]
    print(f"by hand {query}: {names(p['name'] for p in found)}")


TDX, SGX = "HW_CPU_X86_INTEL_TDX", "HW_CPU_X86_SGX"
by_hand(f"required={TDX},{SGX}")
by_hand(f"required=!{TDX},!{SGX}")
listed("1.39", "--required", f"{TDX},{SGX}")
listed("1.38", "--required", f"{TDX},{SGX}")
listed("1.39", "--forbidden", f"{TDX},{SGX}")
listed("1.22", "--forbidden", f"{TDX},{SGX}")
listed("1.39", "--forbidden", TDX, "--forbidden", SGX)
listed("", "--forbidden", f"{TDX},{SGX}")
PYTHON

two=HW_CPU_X86_INTEL_TDX,HW_CPU_X86_SGX
seen "^by hand required=$two: both$" "^by hand required=!HW_CPU_X86_INTEL_TDX,!HW_CPU_X86_SGX: neither$" \
  "^--required $two in 1.39: both, sgx, tdx; sent /resource_providers\?required=in:$two 1.39$" \
  "^--required $two in 1.38: .*requires at least version 1.39" \
  "^--forbidden $two in 1.39: sgx; sent /resource_providers\?required=!$two 1.39$" \
  "^--forbidden $two in 1.22: sgx; " "^--forbidden $two in default: sgx; .* 1.29$" \
  "^--forbidden HW_CPU_X86_INTEL_TDX --forbidden HW_CPU_X86_SGX in 1.39: neither; "
echo "as it was"
