# SPDX-License-Identifier: Apache-2.0
# AKCP sensorProbe2, 4 and 8: sensors of port n are ambient.n in both tables.
# Not read: rows that the device calls offline. LibreNMS reads humidity and switches of exactly those and passes over the others
# (1.3.6.1.4.1.3854.1.2.2.1.17.1.13 and .18.1.3): values of sensors that are not there.
name = "akcp";
title = "AKCP sensorProbe";
transport = "snmp";
source = "SPAGENT-MIB; LibreNMS akcp sensors; a recorded walk of a sensorProbe8";
base = "system";
root = ".1.3.6.1.4.1.3854";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.3854.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.3854"; probe = "1.1.2.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.3854"; sysdescr = "[Ss]ensorProbe"; }
);

values = (
	{ name = "state"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "warning high"; },
		{ value = 4; text = "critical high"; },
		{ value = 5; text = "warning low"; },
		{ value = 6; text = "critical low"; },
		{ value = 7; text = "lost"; },
		{ value = 8; text = "relay on"; },
		{ value = 9; text = "relay off"; } ); },
	{ name = "switch"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "normal"; },
		{ value = 3; text = "warning"; },
		{ value = 4; text = "critical"; },
		{ value = 5; text = "warning"; },
		{ value = 6; text = "critical"; },
		{ value = 7; text = "lost"; },
		{ value = 8; text = "on"; },
		{ value = 9; text = "off"; } ); },
	{ name = "online"; map = (
		{ value = 1; text = "yes"; },
		{ value = 2; text = "no"; } ); },
	{ name = "probe"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "ok"; },
		{ value = 3; text = "warning"; },
		{ value = 4; text = "critical"; },
		{ value = 5; text = "warning"; },
		{ value = 6; text = "critical"; },
		{ value = 7; text = "sensor error"; } ); }
);

tables = (
	{ name = "temperature"; max_rows = 64; from = 0; only = ( { column = "1.2.2.1.16.1.5"; is = [ 1 ]; } ); },
	{ name = "humidity"; max_rows = 64; from = 0; only = ( { column = "1.2.2.1.17.1.5"; is = [ 1 ]; } ); },
	{ name = "switch"; max_rows = 100; from = 0; only = ( { column = "1.2.2.1.18.1.5"; is = [ 1 ]; } ); },
	{ name = "all"; max_rows = 64; from = 0; }
);

points = (
	{ point = "device.status"; oid = "1.1.2.0"; values = "probe";  group = "status"; },
	{ point = "ambient.{i}.temperature"; column = "1.2.2.1.16.1.14"; table = "temperature"; scale = 0.1; only = ( { column = "1.2.2.1.16.1.12"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "1.2.2.1.16.1.14"; table = "temperature"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.2.2.1.16.1.12"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	# older firmware has whole degrees only
	{ point = "ambient.{i}.temperature"; column = "1.2.2.1.16.1.3"; table = "temperature"; instead = true; only = ( { column = "1.2.2.1.16.1.12"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "1.2.2.1.16.1.3"; table = "temperature"; scale = 0.5555555555555556; offset = -17.77777777777778; instead = true; only = ( { column = "1.2.2.1.16.1.12"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "1.2.2.1.16.1.4"; table = "temperature"; values = "state";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "1.2.2.1.16.1.1"; table = "temperature";  group = "ident"; },
	# the tenths in column 13 stay 0 in many firmwares, so the whole percents are read
	{ point = "ambient.{i}.humidity"; column = "1.2.2.1.17.1.3"; table = "humidity";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.present"; column = "1.2.2.1.16.1.5"; table = "all"; values = "online"; relearn = true;  group = "measure"; },
	{ point = "ambient.contacts.{i}.state"; column = "1.2.2.1.18.1.3"; table = "switch"; values = "switch";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "1.2.2.1.18.1.1"; table = "switch";  group = "ident"; }
);
