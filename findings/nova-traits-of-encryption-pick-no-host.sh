#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: trait:HW_CPU_X86_INTEL_TDX=required of a flavor puts servers on hosts with TDX, whether they encrypt or
# not, and =forbidden keeps them off, as with every other HW_CPU trait, and as with SEV's until nova 31.
# Seen: nova has these traits on the child that has the keys, and Placement looks for the traits of a group without
# a number at the providers that give something. A server without encryption takes nothing of the child:
#   required     no host at all
#   forbidden    all hosts, with TDX and without
#   required in a group of its own that asks for no resource: 400
# They pick hosts only for a server that takes a key. An aggregate, or a CUSTOM_ trait on the host's own provider
# (provider.yaml gives it one), parts the hosts for the others.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
import nova.conf  # noqa: E402
from nova import objects  # noqa: E402
from nova.compute.provider_tree import ProviderTree  # noqa: E402
from nova.scheduler.utils import ResourceRequest  # noqa: E402
from nova.virt.libvirt.driver import LibvirtDriver  # noqa: E402

nova.conf.CONF([], project="nova", default_config_files=[])
objects.register_all()
TRAIT = "HW_CPU_X86_INTEL_TDX"
ENCRYPTED = {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"}

tree = ProviderTree()
tree.new_root("host", HOST)
LibvirtDriver._ensure_memory_encryption_providers(
    None, {"intel_tdx": {"total": 8, "traits": [TRAIT]}}, tree, "host")
for name in ("host", "host_intel_tdx"):
    print(f"nova puts on {name}: {', '.join(sorted(tree.data(name).traits)) or 'nothing'}")

make_host()
PLAIN = str(uuid.uuid4())
send("POST", "/resource_providers", {"name": "plain", "uuid": PLAIN})
for host in (HOST, PLAIN):
    set_inventories(host, {"VCPU": {"total": 8}, "MEMORY_MB": {"total": 64}})
NAMES = {HOST: "TDX host", PLAIN: "plain host"}


def hosts(name, extra_specs):
    image = objects.ImageMeta.from_dict({"id": "i", "properties": {
        "hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_firmware_stateless": "true",
        "hw_video_model": "none"} if "hw:mem_encryption" in extra_specs else {}})
    flavor = objects.Flavor(name="f", flavorid="f", vcpus=2, memory_mb=4, root_gb=0, ephemeral_gb=0, swap=0,
                            extra_specs=extra_specs)
    query = ResourceRequest.from_request_spec(objects.RequestSpec(
        flavor=flavor, image=image, is_bfv=False, requested_resources=[], numa_topology=None, pci_requests=None,
        requested_destination=None, request_level_params=objects.RequestLevelParams())).to_querystring()
    answer = send("GET", "/allocation_candidates?" + query)
    found = sorted(NAMES[provider] for request in answer.json.get("allocation_requests", [])
                   for provider in request["allocations"] if provider in NAMES)
    print(f"{name}: {answer.status_int} {', '.join(found) or 'none'}")


send("PUT", f"/resource_providers/{HOST}/traits", {
    "resource_provider_generation": generation(HOST), "traits": ["COMPUTE_SECURITY_STATELESS_FIRMWARE"]})
hosts("nothing", {})
hosts("required", {f"trait:{TRAIT}": "required"})
hosts("forbidden", {f"trait:{TRAIT}": "forbidden"})
hosts("required in a group", {f"trait1:{TRAIT}": "required"})
hosts("encrypted", ENCRYPTED)
hosts("required and encrypted", {**ENCRYPTED, f"trait:{TRAIT}": "required"})
send("PUT", "/traits/CUSTOM_TDX")
send("PUT", f"/resource_providers/{HOST}/traits", {
    "resource_provider_generation": generation(HOST), "traits": ["CUSTOM_TDX"]})
hosts("custom required", {"trait:CUSTOM_TDX": "required"})
hosts("custom forbidden", {"trait:CUSTOM_TDX": "forbidden"})
PYTHON

seen "^nova puts on host: nothing$" "^nova puts on host_intel_tdx: HW_CPU_X86_INTEL_TDX, OWNER_NOVA$" \
  "^nothing: 200 TDX host, plain host$" "^required: 200 none$" "^forbidden: 200 TDX host, plain host$" \
  "^required in a group: 400 none$" "^encrypted: 200 TDX host$" "^required and encrypted: 200 TDX host$" \
  "^custom required: 200 TDX host$" "^custom forbidden: 200 plain host$"
echo "as it was"
