# shellcheck shell=bash
# The host root folder of a lab: what ccplaced reads through its host-root
# prefix. libvirtd in the lab sees the same firmware, module parameters, QGS
# socket, images and logs, so that a test changes one file and both notice.

readonly variants=(full no-parameter no-module no-tdx cgroup-v1 no-misc
  no-tdx-capacity no-firmware no-qgs amd)
readonly default_capacity=63

is_variant() { [[ " ${variants[*]} " == *" $1 "* ]]; }

# Whether KVM offers TD virtual machines in VARIANT.
has_tdx_kvm() { [[ $1 != no-tdx ]]; }

# kvm_intel's tdx parameter in VARIANT: Y, N, or absent.
parameter_of() {
  case $1 in
    no-parameter | no-tdx) echo N ;;
    no-module | amd) echo absent ;;
    *) echo Y ;;
  esac
}

make_parameter() {
  local value=$2 folder=$1/sys/module/kvm_intel/parameters
  mkdir -p "$1/sys/module"
  [[ $value == absent ]] && return
  mkdir -p "$folder"
  echo "$value" >"$folder/tdx"
}

# As with nohibernate on the kernel's command line.
make_power() {
  mkdir -p "$1/sys/power"
  echo '[disabled]' >"$1/sys/power/disk"
}

# kvm_amd's (Linux, arch/x86/kvm/svm/sev.c).
make_amd_parameters() {
  local name folder=$1/sys/module/kvm_amd/parameters
  mkdir -p "$folder"
  for name in sev sev_es sev_snp; do echo Y >"$folder/$name"; done
}

# The misc controller's folder: the unified hierarchy's root, or version 1's own
# (Linux, Documentation/admin-guide/cgroup-v2.rst, "Misc Interface Files").
misc_folder() {
  if [[ $2 == cgroup-v1 ]]; then
    echo "$1/sys/fs/cgroup/misc"
  else
    echo "$1/sys/fs/cgroup"
  fi
}

# The kernel leaves out resources whose capacity is zero.
make_misc() {
  local folder
  folder=$(misc_folder "$1" "$2")
  mkdir -p "$folder"
  case $2 in
    no-misc) ;;
    no-tdx | no-parameter | no-module | no-tdx-capacity)
      : >"$folder/misc.capacity"
      : >"$folder/misc.current"
      ;;
    amd)
      printf 'sev 410\nsev_es 99\n' >"$folder/misc.capacity"
      printf 'sev 0\nsev_es 0\n' >"$folder/misc.current"
      ;;
    *)
      echo "tdx $default_capacity" >"$folder/misc.capacity"
      echo "tdx 0" >"$folder/misc.current"
      ;;
  esac
}

make_firmware() {
  local host=$1 root=$2
  mkdir -p "$host/etc/qemu/firmware" "$host/usr/share/qemu"
  cp -a "$root/usr/share/qemu/firmware" "$host/usr/share/qemu/"
  cp -a "$root/usr/share/OVMF" "$root/usr/share/ovmf" "$host/usr/share/"
  [[ $3 != no-firmware ]] ||
    rm "$host/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json"
}

# /var/run is an absolute link, as on any Debian host: followed without care, it
# leads out of the host root.
make_run() {
  mkdir -p "$1/run/tdx-qgs" "$1/var"
  ln -s /run "$1/var/run"
}

make_guest_folders() { mkdir -p "$1/var/lib/libvirt/images" "$1/var/log/libvirt"; }

# make_host_root HOST VARIANT ROOT
make_host_root() {
  make_parameter "$1" "$(parameter_of "$2")"
  [[ $2 != amd ]] || make_amd_parameters "$1"
  make_power "$1"
  make_misc "$1" "$2"
  make_firmware "$1" "$3" "$2"
  make_run "$1"
  cp "$3/etc/passwd" "$3/etc/group" "$1/etc/"
  mkdir -p "$1/usr/share/libvirt"
  cp -a "$3/usr/share/libvirt/schemas" "$1/usr/share/libvirt/"
  make_guest_folders "$1"
}

# set_misc FILE NUMBER: replaces the tdx line, as the kernel would show it. The file is
# replaced whole, since the key pool counts on from what it says.
set_misc() {
  local folder
  [[ $2 =~ ^[0-9]+$ ]] || die "a number is needed, not '$2'"
  folder=$(misc_folder "$HOST_ROOT" "$VARIANT")
  if (($2 == 0)) && [[ $1 == misc.capacity ]]; then
    : >"$folder/.$1.new"
  else
    echo "tdx $2" >"$folder/.$1.new"
  fi
  mv "$folder/.$1.new" "$folder/$1"
}
