"""What the first process of a box does before it becomes systemd: the mounts that a container manager owes it.

As systemd.io/CONTAINER_INTERFACE says, and systemd-nspawn(1) does: /sys and what is the kernel's own in /proc are
read-only, the box's network settings are not, and a boot has an id of its own.
"""

from __future__ import annotations

KEPT_FROM_IT = ("sys_module", "sys_time", "sys_rawio", "mknod", "syslog", "mac_admin", "mac_override", "wake_alarm")
"""Capabilities that would reach beyond the namespaces."""
BOUNDS = ",".join(f"-{name}" for name in KEPT_FROM_IT)
NO_OTHER_PROC = ("MountAPIVFS=no", "ProtectControlGroups=no", "ProtectKernelTunables=no", "ProtectProc=default")
"""Of every service: each of these settings of systemd.exec(5) would give it a /proc of its own, in which the boot's id
is this machine's and its kernel's settings can be written."""
JOINED = 'echo 0 >"$1/cgroup.procs"; shift; exec "$@"'
"""Before the control group becomes the root of those that it sees. Who waits for it stays outside and never freezes."""
SCRIPT = """\
set -eu
new=$1 lower=$2 upper=$3 work=$4 name=$5 boot=$6 kept=$7
mount -t tmpfs -o mode=755 bailiwick "$new"
mkdir "$new/root"
new=$new/root
mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work" overlay "$new"
cd "$new"
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs tmp
echo "$boot" >run/boot-id
mount --bind run/boot-id proc/sys/kernel/random/boot_id
mkdir -p run/systemd/system/service.d
printf '%s\\n' '[Service]' @own_proc@ >run/systemd/system/service.d/10-contained.conf
mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
mount -o remount,bind,ro sys
mount -t tmpfs -o mode=755,nosuid tmpfs dev
mkdir dev/pts dev/shm
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
: >dev/console
mount --bind "$kept" dev/console
hostname "$name"
mkdir -p run/old
pivot_root . run/old
umount -l /run/old
rmdir /run/old
cd /
exec env -i container=bailiwick PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv --bounding-set @bounds@ /sbin/init \\
    systemd.show_status=yes systemd.log_target=journal-or-kmsg </dev/null >/dev/console 2>&1
""".replace("@bounds@", BOUNDS).replace("@own_proc@", " ".join((*NO_OTHER_PROC, "ProcSubset=all")))
