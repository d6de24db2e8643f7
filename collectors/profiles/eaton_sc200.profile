# SPDX-License-Identifier: Apache-2.0
# Eaton SC200 rectifier controllers.
name = "eaton_sc200";
title = "Eaton SC200 DC system";
transport = "snmp";
source = "RPS-SC200-MIB; LibreNMS os_discovery eaton-sc200";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.1918.2.13.10";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.1918.2.13"; }
);

values = (
	{ name = "alarm_level"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "warning"; },
		{ value = 2; text = "major"; },
		{ value = 3; text = "minor"; },
		{ value = 4; text = "reserved"; },
		{ value = 5; text = "critical"; },
		{ value = 6; text = "control"; } ); },
	{ name = "critical"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "critical"; code = "ups.critical"; } ); },
	{ name = "major"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "major"; code = "ups.major"; } ); },
	{ name = "minor"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "minor"; code = "ups.minor"; } ); }
);

# Slots without a rectifier have the serial number 0; inputs that are not wired have the state 0.
tables = (
	{ name = "rectifiers"; label = "60.30.1.30"; max_rows = 128; skip = [ "0" ]; },
	{ name = "inputs"; label = "90.40.1.40"; max_rows = 128; skip = [ "0" ]; }
);

points = (
	{ point = "input.voltage"; oid = "40.10.0"; group = "measure"; unit = "V"; },
	{ point = "output.current"; oid = "50.10.0"; group = "measure"; unit = "A"; },
	{ point = "ups.load"; oid = "50.20.0"; group = "measure"; unit = "%"; },
	{ point = "output.realpower"; oid = "50.30.0"; group = "measure"; unit = "W"; scale = 10; },
	{ point = "rectifier.current"; oid = "60.20.0"; group = "measure"; unit = "A"; },
	{ point = "rectifier.temperature"; oid = "60.29.0"; group = "measure"; unit = "°C"; },
	{ point = "output.voltage"; oid = "70.10.20.0"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.temperature"; oid = "100.30.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.current"; oid = "100.40.0"; group = "measure"; unit = "A"; },
	{ point = "rectifier.{i}.input.voltage"; column = "60.30.1.90"; table = "rectifiers"; group = "measure"; unit = "V"; },
	{ point = "rectifier.{i}.voltage"; column = "60.30.1.95"; table = "rectifiers"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "rectifier.{i}.current"; column = "60.30.1.100"; table = "rectifiers"; group = "measure"; unit = "A"; },
	{ point = "rectifier.{i}.load"; column = "60.30.1.105"; table = "rectifiers"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "rectifier.{i}.temperature"; column = "60.30.1.110"; table = "rectifiers"; group = "measure"; unit = "°C"; },
	{ point = "rectifier.{i}.serial"; column = "60.30.1.30"; table = "rectifiers"; group = "ident"; },
	{ point = "rectifier.{i}.model"; column = "60.30.1.40"; table = "rectifiers"; group = "ident"; },
	{ point = "external.{i}.status"; column = "90.40.1.20"; table = "inputs"; group = "measure"; values = "alarm_level"; },
	{ point = "external.{i}.name"; column = "90.40.1.50"; table = "inputs"; group = "ident"; },
	{ point = "device.alarm.critical"; oid = "110.5.10.0"; group = "status"; values = "critical"; },
	{ point = "device.alarm.major"; oid = "110.5.20.0"; group = "status"; values = "major"; },
	{ point = "device.alarm.minor"; oid = "110.5.30.0"; group = "status"; values = "minor"; },
	{ point = "device.model"; oid = "10.30.0"; group = "ident"; },
	{ point = "device.serial"; oid = "10.20.0"; group = "ident"; },
	{ point = "device.part"; oid = "20.90.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "20.30.0"; group = "ident"; }
);

quirks = (
	{ kind = "no-bulk"; why = "LibreNMS asks the SC200 without GETBULK" ; when = { sysobjectid = [ ".1.3.6.1.4.1.1918.2.13" ]; }; }
);
