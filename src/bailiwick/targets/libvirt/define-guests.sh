#!/bin/sh
# Defines the guests of /etc/bailiwick/guests at libvirt, makes the disk of one that has none, and starts those that
# start by themselves. Safe to run again. What runs is never stopped, a disk that is there is never written over.
set -eu

guests=/etc/bailiwick/guests
images=/var/lib/libvirt/images
export LC_ALL=C LIBVIRT_DEFAULT_URI=qemu:///system

failed=0
fails() {
    printf 'define-guests: %s\n' "$*" >&2
    failed=1
}

# disk NAME GIB BASE: of the base image, grown; cloud-init grows the file system
disk() {
    [ ! -e "$images/$1.qcow2" ] || return 0
    if [ ! -e "$images/$3.qcow2" ]; then
        fails "$1 has no disk, and there is no $images/$3.qcow2 to make it from (preflight says where to get it)"
        return 1
    fi
    qemu-img convert -O qcow2 "$images/$3.qcow2" "$images/.$1.new" &&
        qemu-img resize -q "$images/.$1.new" "$2G" &&
        mv "$images/.$1.new" "$images/$1.qcow2"
}

# seed NAME: an ISO file whose label cloud-init looks for; made anew, as a running guest keeps the one it opened
seed() {
    if ! said=$(xorriso -as genisoimage -quiet -output "$images/.$1-seed.new" -volid CIDATA -joliet -rational-rock \
        "$guests/$1/user-data" "$guests/$1/meta-data" "$guests/$1/network-config" 2>&1); then
        fails "$said"
        return 1
    fi
    chmod 600 "$images/.$1-seed.new" && mv "$images/.$1-seed.new" "$images/$1-seed.iso"
}

while read -r name start size base <&3; do
    case $name in '' | '#'*) continue ;; esac
    disk "$name" "$size" "$base" || { fails "$name is left as it was"; continue; }
    seed "$name" || { fails "the seed of $name could not be made"; continue; }
    virsh --quiet define --validate --file "$guests/$name/domain.xml" || { fails "libvirt refused $name"; continue; }
    if [ "$start" = autostart ]; then
        virsh --quiet autostart "$name" || fails "$name will not start by itself"
        case $(virsh domstate "$name") in
            'shut off' | crashed) virsh --quiet start "$name" || fails "$name did not start" ;;
        esac
    else
        virsh --quiet autostart --disable "$name" || fails "$name still starts by itself"
    fi
done 3<"$guests/list"
exit "$failed"
