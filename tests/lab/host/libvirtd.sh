#!/bin/bash
# Starts libvirtd in a lab, from inside the lab's namespaces.
#
# Usage: libvirtd.sh STATE [--activated SECONDS]
#   --activated: in its place what systemd starts as virtqemud, in the foreground: the
#   same daemon with the QEMU driver alone, which is handed its socket as file 3 and
#   ends after SECONDS without a caller or a guest. Debian ships no virtqemud.
set -euo pipefail

# The first CPU that this process may use.
first_cpu() { sed -nE 's/^Cpus_allowed_list:\s*([0-9]+).*/\1/p' /proc/self/status; }

state=$1
# On one CPU: libvirtd drops what it knows of QEMU when CPUID differs from what
# it saved, and CPUID tells which CPU it was read on.
in_root=(taskset -c "$(first_cpu)" chroot "$state/root" env LD_PRELOAD=/usr/lib/fake_kvm.so)
daemon=(libvirtd --pid-file /run/libvirt/libvirtd.pid)
exec </dev/null >>"$state/logs/libvirtd.log" 2>&1
if [[ ${2:-} != --activated ]]; then
  "${in_root[@]}" "${daemon[@]}" &
  exit
fi
drivers=/run/qemu-driver-alone
mkdir -p "$state/root$drivers"
ln -sf /usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so \
  "$state/root$drivers/"
# sd_listen_fds(3). The socket's name is that of libvirtd's unit; its path says nothing.
# shellcheck disable=SC2016  # The inner shell's process.
exec "${in_root[@]}" LIBVIRT_DRIVER_DIR="$drivers" LISTEN_FDS=1 LISTEN_FDNAMES=libvirtd.socket \
  sh -c 'LISTEN_PID=$$ exec "$@"' sh "${daemon[@]}" --timeout "$3"
