#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: with the filter AggregateImagePropertiesIsolation an aggregate of TDX hosts says what images say:
# hw_mem_encryption=true there takes the servers whose image has hw_mem_encryption=true.
# Seen: it turns away those and no others. By then nova has made a boolean of the image's word, and compares Python's
# name of it with the aggregate's word:
#   aggregate's metadata                  encrypted image   plain image
#   hw_mem_encryption=true                no host           host
#   hw_mem_encryption=True                host              host
#   hw_mem_encryption_model=intel-tdx     host              host
#   trait:HW_CPU_X86_INTEL_TDX=required   host              no host
# The last one, with [scheduler] enable_isolated_aggregate_filtering, is what keeps others away from such hosts; the
# trait need not stand in flavor or image for it, the model's own counts.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"


def story(cloud):
    aggregate = f"/os-aggregates/{cloud._create_aggregate('tdx')}/action"
    cloud.api.api_post(aggregate, {"add_host": {"host": "host"}})
    for name, value in (("hw_mem_encryption", "true"), ("hw_mem_encryption", "True"),
                        ("hw_mem_encryption_model", "intel-tdx"), ("trait:HW_CPU_X86_INTEL_TDX", "required")):
        cloud.api.api_post(aggregate, {"set_metadata": {"metadata": {name: value}}})
        for image, properties in (("encrypted", ENCRYPTED), ("plain", CAPABLE)):
            server = cloud.create(properties, {})
            say(f"{name}={value}, {image}: {server['status']} {server.get('fault', {}).get('message', '')[:25]}".strip())
            cloud._delete_server(server)
        cloud.api.api_post(aggregate, {"set_metadata": {"metadata": {name: None}}})


tell(story, scheduler={"enable_isolated_aggregate_filtering": True}, filter_scheduler={"enabled_filters": [
    "ComputeFilter", "AggregateImagePropertiesIsolation"]})
PYTHON

seen "^hw_mem_encryption=true, encrypted: ERROR No valid host was found" "^hw_mem_encryption=true, plain: ACTIVE$" \
  "^hw_mem_encryption=True, encrypted: ACTIVE$" "^hw_mem_encryption=True, plain: ACTIVE$" \
  "^hw_mem_encryption_model=intel-tdx, encrypted: ACTIVE$" "^hw_mem_encryption_model=intel-tdx, plain: ACTIVE$" \
  "^trait:HW_CPU_X86_INTEL_TDX=required, encrypted: ACTIVE$" \
  "^trait:HW_CPU_X86_INTEL_TDX=required, plain: ERROR No valid host was found"
echo "as it was"
