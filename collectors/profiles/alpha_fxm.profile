# SPDX-License-Identifier: Apache-2.0
# Alpha FXM UPSs with a CXCRMU: nearly the standard MIB, elsewhere.
name = "alpha_fxm";
title = "Alpha FXM UPS";
transport = "snmp";
source = "LibreNMS fxm sensors (Argus-Power-System-MIB); the status words by analogy with the standard MIB";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.7309.6.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.7309.6"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "depleted"; status = "LB DEPLETED"; } ); },
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "booster"; status = "OL BOOST"; },
		{ value = 7; text = "reducer"; status = "OL TRIM"; } ); }
);

tables = (
	{ name = "input"; drop_zero_rows = true; like = "output"; },
	{ name = "output"; drop_zero_rows = true; }
);

points = (
	{ point = "battery.status"; oid = "2.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.2.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; },
	{ point = "battery.voltage"; oid = "2.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "2.6.0"; group = "measure"; unit = "°C"; },
	{ point = "input.frequency"; column = "3.2.1.2"; table = "input"; group = "measure"; unit = "Hz"; scale = 0.1; lines = "input.L{i}.frequency"; },
	{ point = "input.voltage"; column = "3.2.1.3"; table = "input"; group = "measure"; unit = "V"; scale = 0.1; lines = "input.L{i}-N.voltage"; },
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.voltage"; column = "4.4.1.2"; table = "output"; group = "measure"; unit = "V"; scale = 0.1; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "4.4.1.3"; table = "output"; group = "measure"; unit = "A"; scale = 0.1; lines = "output.L{i}.current"; },
	{ point = "output.realpower"; column = "4.4.1.5"; table = "output"; group = "measure"; unit = "W"; lines = "output.L{i}.realpower"; },
	{ point = "ups.load"; column = "4.4.1.7"; table = "output"; group = "measure"; unit = "%"; lines = "output.L{i}.power.percent"; }
);
# not read: 6.4 - the temperature at which the fan starts is a setting
