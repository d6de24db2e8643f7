#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: enter.sh WORK CGROUP - runs in new namespaces (unshare): makes a root from this machine's files plus WORK/dest, with nothing
# of its devices, settings or network, and becomes systemd in it. Nothing outside WORK is written; all mounts die with the namespace.
set -e
work=$1
root=$work/root
mount --make-rprivate /
mkdir -p "$root"
mount -t tmpfs tmpfs "$root"
mkdir -p "$root"/{upper,scratch,new}
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/scratch" "$root/new"
cd "$root/new"
cp -r "$work"/dest/. .
mkdir -p out
mount --bind "$work/out" out
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup 2>/dev/null || { mount -t tmpfs tmpfs sys/fs/cgroup; mount -t cgroup2 cgroup2 sys/fs/cgroup; }
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs var/lib
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
chmod 1777 dev/shm
ln -s pts/ptmx dev/ptmx
for node in null zero full random urandom tty; do
	touch "dev/$node"
	mount --bind "/dev/$node" "dev/$node"
done
# Only what the test names is started: no fstab, no boot services of the machine.
: >etc/fstab
rm -rf etc/systemd/system/*.wants {usr/,}lib/systemd/system/*.target.wants
cat >etc/systemd/system/boot-test.target <<UNIT
[Unit]
Wants=systemd-journald.socket systemd-journald.service boot-test.service
UNIT
cat >etc/systemd/system/boot-test.service <<UNIT
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
ExecStart=/bin/bash /out/steps.sh
StandardOutput=file:/out/log
StandardError=file:/out/log
UNIT
cat >etc/systemd/system/boot-postgres.service <<UNIT
[Service]
User=postgres
RuntimeDirectory=postgresql
StateDirectory=postgresql
ExecStartPre=$PG_BIN/initdb -D /var/lib/postgresql/test -A peer --no-sync
ExecStartPre=/bin/bash -c 'printf "local busbar busbar peer map=busbar\nlocal all postgres peer\n" >/var/lib/postgresql/test/pg_hba.conf'
ExecStartPre=/bin/bash -c 'printf "busbar /^bb-.*\$\$ busbar\nbusbar root busbar\n" >/var/lib/postgresql/test/pg_ident.conf'
ExecStart=$PG_BIN/postgres -D /var/lib/postgresql/test -k /run/postgresql -c listen_addresses= -c fsync=off
UNIT
mkdir old
pivot_root . old
# As on a real machine; without it systemd cannot show a unit its credentials.
mount --make-rshared /
umount -l /old
export container=boot-test
exec /lib/systemd/systemd --system --unit=boot-test.target --log-target=journal --show-status=no
