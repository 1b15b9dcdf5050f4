#!/bin/bash
# Starts libvirtd in a lab, from inside the lab's namespaces.
#
# Usage: libvirtd.sh STATE
set -euo pipefail

# The first CPU that this process may use.
first_cpu() { sed -nE 's/^Cpus_allowed_list:\s*([0-9]+).*/\1/p' /proc/self/status; }

state=$1
# On one CPU: libvirtd drops what it knows of QEMU when CPUID differs from what
# it saved, and CPUID tells which CPU it was read on.
taskset -c "$(first_cpu)" chroot "$state/root" env LD_PRELOAD=/usr/lib/fake_kvm.so libvirtd \
  --pid-file /run/libvirt/libvirtd.pid \
  </dev/null >>"$state/logs/libvirtd.log" 2>&1 &
