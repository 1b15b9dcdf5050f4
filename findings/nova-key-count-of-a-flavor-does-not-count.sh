#!/bin/bash
# nova 34.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: resources:CLASS=N of a flavor has the last word on what is asked of Placement, as nova's guide to flavors
# has it: N replaces nova's own figure, and 0 leaves the class out.
# Seen: so it is for VCPU and MEMORY_MB. Memory encryption is put in after the flavor's words: with
# hw:mem_encryption, resources:MEM_ENCRYPTION_CONTEXT=0, 2 and 5 all ask for 1 key; a key in a group of its own
# (resources1:) is asked for in addition. And trait:HW_CPU_X86_INTEL_TDX=forbidden, which contradicts the model,
# is refused by nobody until Placement 16 answers 400 to a query that requires and forbids it at once.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4

{ cat "$(dirname "$0")/placement_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
make_host()

import nova.conf  # noqa: E402
from nova import objects  # noqa: E402
from nova.scheduler.utils import ResourceRequest  # noqa: E402

nova.conf.CONF([], project="nova", default_config_files=[])
objects.register_all()
TDX = {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"}


def asked(name, extra_specs):
    image = objects.ImageMeta.from_dict({"id": "i", "properties": {
        "hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_firmware_stateless": "true",
        "hw_video_model": "none"}})
    flavor = objects.Flavor(name="f", flavorid="f", vcpus=2, memory_mb=4, root_gb=0, ephemeral_gb=0, swap=0,
                            extra_specs={**TDX, **extra_specs})
    query = ResourceRequest.from_request_spec(objects.RequestSpec(
        flavor=flavor, image=image, is_bfv=False, requested_resources=[], numa_topology=None, pci_requests=None,
        requested_destination=None, request_level_params=objects.RequestLevelParams())).to_querystring()
    print(f"{name}: {query.replace('%3A', ':').replace('%2C', ',').replace('%21', '!')}"
          f" Placement: {ask('GET', '/allocation_candidates?' + query)[:90]}")


asked("nothing", {})
for figure in ("0", "3"):
    asked(f"VCPU={figure}", {"resources:VCPU": figure})
asked("MEMORY_MB=8", {"resources:MEMORY_MB": "8"})
for figure in ("0", "2", "5"):
    asked(f"KEYS={figure}", {"resources:MEM_ENCRYPTION_CONTEXT": figure})
asked("forbidden", {"trait:HW_CPU_X86_INTEL_TDX": "forbidden"})
asked("group", {"resources1:MEM_ENCRYPTION_CONTEXT": "1"})
PYTHON

seen "^nothing: .*resources=MEMORY_MB:4,MEM_ENCRYPTION_CONTEXT:1,VCPU:2 " \
  "^VCPU=0: .*resources=MEMORY_MB:4,MEM_ENCRYPTION_CONTEXT:1 " "^VCPU=3: .*,VCPU:3 " \
  "^MEMORY_MB=8: .*resources=MEMORY_MB:8," \
  "^forbidden: .*required=[A-Z0-9_,]*HW_CPU_X86_INTEL_TDX,!HW_CPU_X86_INTEL_TDX.* Placement: 400 " \
  "^group: .*MEM_ENCRYPTION_CONTEXT:1,VCPU:2&resources1=MEM_ENCRYPTION_CONTEXT:1 "
for figure in 0 2 5; do seen "^KEYS=$figure: .*,MEM_ENCRYPTION_CONTEXT:1,VCPU:2 "; done
echo "as it was"
