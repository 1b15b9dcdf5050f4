#!/bin/bash
# Starts libvirtd in a lab, from inside the lab's namespaces.
#
# Usage: libvirtd.sh STATE VARIANT
set -euo pipefail

# shellcheck source=host_root.sh
. "$(dirname "$0")/host_root.sh"

# The first CPU that this process may use.
first_cpu() { sed -nE 's/^Cpus_allowed_list:\s*([0-9]+).*/\1/p' /proc/self/status; }

state=$1
preload=()
if has_tdx_kvm "$2"; then
  preload=(LD_PRELOAD=/usr/lib/kvm_tdx_preload.so)
fi
# On one CPU: libvirtd drops what it knows of QEMU when CPUID differs from what
# it saved, and CPUID tells which CPU it was read on.
taskset -c "$(first_cpu)" chroot "$state/root" env "${preload[@]}" libvirtd \
  --pid-file /run/libvirt/libvirtd.pid \
  </dev/null >>"$state/logs/libvirtd.log" 2>&1 &
