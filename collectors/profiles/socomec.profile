# SPDX-License-Identifier: Apache-2.0
# Socomec cards with a tree of their own; others (Linux cards of MODULYS and ITYS) serve RFC 1628 alone.
name = "socomec";
title = "Socomec Net Vision 6 and later";
transport = "snmp";
source = "SOCOMECUPS-MIB; LibreNMS socomec-ups sensors";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.4555.1.1.7.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.4555.1.1.7"; },
	{ sysobjectid = ".1.3.6.1.4.1.4555"; probe = ".1.3.6.1.4.1.4555.1.1.7.1.2.1.0"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "good"; status = "CHRG"; },
		{ value = 4; text = "good"; status = "TEST"; },
		{ value = 5; text = "good"; status = "DISCHRG"; },
		{ value = 6; text = "low"; status = "LB"; },
		{ value = 7; text = "depleted"; status = "LB DEPLETED"; },
		{ value = 8; text = "fault"; status = "RB"; },
		{ value = 9; text = "absent"; } ); },
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "bypass"; status = "OL BYPASS"; },	# for maintenance
		{ value = 3; text = "battery"; status = "OB"; },		# inverter
		{ value = 4; text = "normal"; status = "OL"; },
		{ value = 5; text = "normal"; status = "OL ECO"; },
		{ value = 6; text = "bypass"; status = "OL BYPASS"; },
		{ value = 7; text = "none"; status = "OFF"; },		# standby
		{ value = 8; text = "none"; status = "OFF"; } ); }
);

tables = (
	{ name = "input"; count = "3.1.0"; drop_zero_rows = true; like = "output"; },
	{ name = "output"; count = "4.3.0"; drop_zero_rows = true; },
	{ name = "bypass"; count = "5.2.0"; drop_zero_rows = true; like = "output"; }
);

points = (
	{ point = "battery.status"; oid = "2.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.2.0"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; oid = "2.3.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; },
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; },
	{ point = "battery.voltage"; oid = "2.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "2.6.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.temperature"; oid = "2.7.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.8.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.phases"; oid = "3.1.0"; group = "ident"; },
	{ point = "input.frequency"; oid = "3.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.phases"; oid = "4.3.0"; group = "ident"; },
	{ point = "input.bypass.frequency"; oid = "5.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.phases"; oid = "5.2.0"; group = "ident"; },
	{ point = "input.voltage"; column = "3.3.1.2"; table = "input"; group = "measure"; unit = "V"; scale = 0.1; lines = "input.L{i}-N.voltage"; },
	{ point = "input.current"; column = "3.3.1.3"; table = "input"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.L{i}.current"; },
	{ point = "output.voltage"; column = "4.4.1.2"; table = "output"; group = "measure"; unit = "V"; scale = 0.1; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "4.4.1.3"; table = "output"; group = "measure"; unit = "A"; scale = 0.1; lines = "output.L{i}.current"; },
	{ point = "ups.load"; column = "4.4.1.4"; table = "output"; group = "measure"; unit = "%"; lines = "output.L{i}.power.percent"; },
	{ point = "output.power"; column = "4.4.1.5"; table = "output"; group = "measure"; unit = "VA"; scale = 100; lines = "output.L{i}.power"; },
	{ point = "input.bypass.voltage"; column = "5.3.1.2"; table = "bypass"; group = "measure"; unit = "V"; scale = 0.1; lines = "input.bypass.L{i}-N.voltage"; },
	{ point = "input.bypass.current"; column = "5.3.1.3"; table = "bypass"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.bypass.L{i}.current"; },
	{ point = "output.realpower"; column = "4.4.1.6"; table = "output"; group = "measure"; unit = "W"; scale = 100; lines = "output.L{i}.realpower"; },
	{ point = "device.model"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.2.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.*", "input.*", "output.*", "ups.load", "ambient.temperature" ]; values = [ -1L, 65535L, 32768L, 4294967295L ];
	  why = "what a model does not measure"; },
	{ kind = "unset-until-seen"; points = [ "battery.temperature", "ambient.temperature" ]; values = [ 0 ];
	  why = "0 without a sensor"; }
);
# not read: 6.3, alarms - the standard alarm table of the base has those that count
