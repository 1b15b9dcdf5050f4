# shellcheck shell=bash
# The KVM of every lab: a library that is preloaded into libvirtd, and by it into QEMU.
# Compiled once for what its sources say.

fake_kvm_hash() { cat "$lab_dir"/preload/fake_kvm/*.[ch] | sha256sum | cut -c1-12; }

fake_kvm_path() { echo "$cache_dir/fake-kvm-$(fake_kvm_hash).so"; }

compile_fake_kvm() {
  cc -shared -fPIC -fvisibility=hidden -O2 -Wall -Wextra -Werror -o "$1.$$" \
    "$lab_dir"/preload/fake_kvm/*.c
  mv "$1.$$" "$1"
}

make_fake_kvm() {
  local path
  path=$(fake_kvm_path)
  [[ -f $path ]] || step "compiled $path" compile_fake_kvm "$path"
}
