# SPDX-License-Identifier: Apache-2.0
# Runs inside the booted system: the steps of docs/install.md, then what test_boot.py wants to know, one fact a line in /out/facts.
fact() { echo "$*" >>/out/facts; }
daemons="alarmd busd collect-snmp collect-snmptrap historyd notifyd shutdownd webd"

give_up() {
	journalctl --no-pager -o short >/out/journal
	fact "end"
	exit 1
}

# until SECONDS COMMAND...: again and again until it succeeds
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
all_run() {
	for d in $daemons; do
		[ "$(systemctl is-active busbar-$d)" = active ] || return 1
	done
}
page_is_there() { curl -s -m 5 -D /out/page http://127.0.0.1:8080/ | tee -a /out/page | grep -q '<html'; }
alarm_stands() { busbarctl --json alarm list | grep -q '"rule": *"comm_lost"'; }

systemd-sysusers
systemd-tmpfiles --create busbar.conf
busbar-keys
systemctl daemon-reload

# Without PostgreSQL first: everything starts, and alarms would go out.
systemctl start --no-block busbar-webd.socket busbar-collect-snmptrap.socket busbar.target
until_true 60 all_run || give_up
fact "running without postgres"
until_true 30 page_is_there && fact "page"
for d in $daemons; do
	pid=$(systemctl show -P MainPID busbar-$d)
	fact "process $d $(stat -c %U:%G /proc/$pid) $(sed -n 's/^\(CapEff\|NoNewPrivs\|Seccomp\):\t*//p' /proc/$pid/status | paste -sd ' ')"
done

systemctl start boot-postgres
until_true 30 runuser -u postgres -- createuser busbar && runuser -u postgres -- createdb -O busbar busbar
printf 'common = {\n\tdatabase = "dbname=busbar user=busbar";\n};\n' >/etc/busbar/busbar.conf
chgrp busbar /etc/busbar/busbar.conf && chmod 640 /etc/busbar/busbar.conf
busbarctl migrate && fact "migrated"
systemctl restart busbar.target
until_true 60 all_run && fact "running with postgres"
until_true 30 busbarctl device add test/nobody --address 127.0.0.1 --community secret && fact "device added"
until_true 90 alarm_stands && fact "alarm"

for d in $daemons; do
	fact "restarts $d $(systemctl show -P NRestarts busbar-$d)"
done
journalctl --no-pager -o short >/out/journal
systemctl stop busbar.target
all_run || fact "stopped"
fact "end"
