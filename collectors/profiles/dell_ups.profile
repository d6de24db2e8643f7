# SPDX-License-Identifier: Apache-2.0
# Dell network management cards: the standard MIB, and seconds where that has minutes.
name = "dell_ups";
title = "Dell UPS";
transport = "snmp";
source = "DELL-SNMP-UPS-MIB; LibreNMS dell-ups sensors; a recorded walk of a Tower 1000W";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.674.10902.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.674.10902.2"; }
);

values = (
	{ name = "global"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "unknown"; },
		{ value = 3; text = "ok"; },
		{ value = 4; text = "warning"; },
		{ value = 5; text = "critical"; },
		{ value = 6; text = "critical"; } ); }
);

points = (
	{ point = "battery.runtime"; oid = "120.5.3.0"; group = "status"; unit = "s"; },
	{ point = "ups.realpower"; oid = "120.2.6.0"; group = "measure"; unit = "W"; },
	{ point = "device.status"; oid = "110.1.0"; group = "status"; values = "global"; },
	{ point = "device.model"; oid = "100.1.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "100.4.0"; group = "ident"; },
	{ point = "device.serial"; oid = "120.1.2.0"; group = "ident"; }
);
