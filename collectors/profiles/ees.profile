# SPDX-License-Identifier: Apache-2.0
# Emerson / Vertiv NetSure DC power systems: ACU+, SCU+, NCU controllers (EES-POWER-MIB). Thousandths of V and A.
name = "ees";
title = "Vertiv NetSure DC power system (NCU, ACU+, SCU+)";
transport = "snmp";
source = "EES-POWER-MIB; LibreNMS definition ees; a recorded walk of an NCU 5.2.05";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.6302.2.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.6302"; },
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2.10"; sysdescr = "ES_Controller"; },
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2"; probe = "2.1.0"; }
);

values = (
	{ name = "system"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "ok"; },
		{ value = 3; text = "warning"; code = "ups.minor"; },
		{ value = 4; text = "minor"; code = "ups.minor"; },
		{ value = 5; text = "major"; code = "ups.major"; },
		{ value = 6; text = "critical"; code = "ups.critical"; },
		{ value = 7; text = "unmanaged"; },
		{ value = 8; text = "restricted"; },
		{ value = 9; text = "testing"; },
		{ value = 10; text = "disabled"; } ); },
	{ name = "battery"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "floating"; status = "OL"; },
		{ value = 3; text = "short test"; status = "OL TEST"; },
		{ value = 4; text = "charging for a test"; status = "OL CHRG"; },
		{ value = 5; text = "manual test"; status = "OL TEST"; },
		{ value = 6; text = "planned test"; status = "OL TEST"; },
		{ value = 7; text = "test for AC failure"; status = "OL TEST"; },
		{ value = 8; text = "discharging"; status = "OB DISCHRG"; },	# the MIB calls it AC fail
		{ value = 9; text = "manual boost charging"; status = "OL CHRG"; },
		{ value = 10; text = "automatic boost charging"; status = "OL CHRG"; },
		{ value = 11; text = "cyclic boost charging"; status = "OL CHRG"; },
		{ value = 12; text = "master boost charging"; status = "OL CHRG"; },
		{ value = 13; text = "master battery test"; status = "OL TEST"; } ); },
	{ name = "failed"; map = (
		{ value = 1; text = "failed"; code = "rectifier.failed"; },
		{ value = 2; text = "ok"; } ); }
);

tables = (
	{ name = "rectifier"; max_rows = 64; },
	{ name = "bank"; max_rows = 64; }
);

points = (
	{ point = "battery.charger.status"; oid = "2.9.0"; group = "status"; values = "battery"; },
	{ point = "device.status"; oid = "2.1.0"; group = "status"; values = "system"; },
	{ point = "ups.comm.status"; oid = "2.8.0"; group = "status"; true_when = [ 2 ]; status_false = "COMMLOST"; },
	{ point = "battery.charge"; oid = "2.5.3.0"; group = "status"; unit = "%"; },

	{ point = "output.voltage"; oid = "2.2.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "output.current"; oid = "2.3.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "ups.load"; oid = "2.4.0"; group = "measure"; unit = "%"; },
	{ point = "battery.voltage"; oid = "2.5.1.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "battery.current"; oid = "2.5.2.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "battery.{i}.current"; column = "2.5.5.1.2"; table = "bank"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "battery.{i}.name"; column = "2.5.5.1.3"; table = "bank"; group = "ident"; },
	{ point = "battery.{i}.capacity"; column = "2.5.5.1.4"; table = "bank"; group = "ident"; unit = "Ah"; scale = 0.001; },
	{ point = "input.L1-N.voltage"; oid = "2.6.1.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "input.L2-N.voltage"; oid = "2.6.2.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "input.L3-N.voltage"; oid = "2.6.3.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "battery.temperature"; oid = "2.7.1.0"; group = "measure"; unit = "°C"; scale = 0.001; },
	{ point = "ambient.temperature"; oid = "2.7.2.0"; group = "measure"; unit = "°C"; scale = 0.001; },
	{ point = "rectifier.modules"; oid = "2.11.1.0"; group = "measure"; },
	{ point = "rectifier.load"; oid = "2.11.3.0"; group = "measure"; unit = "%"; },
	{ point = "rectifier.{i}.status"; column = "2.11.4.1.8"; table = "rectifier"; group = "measure"; values = "failed"; },
	{ point = "rectifier.{i}.current"; column = "2.11.4.1.6"; table = "rectifier"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "rectifier.{i}.name"; column = "2.11.4.1.7"; table = "rectifier"; group = "ident"; },
	{ point = "rectifier.{i}.model"; column = "2.11.4.1.2"; table = "rectifier"; group = "ident"; },
	{ point = "rectifier.{i}.serial"; column = "2.11.4.1.5"; table = "rectifier"; group = "ident"; },
	{ point = "converter.voltage"; oid = "2.13.4.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "converter.current"; oid = "2.13.5.0"; group = "measure"; unit = "A"; scale = 0.001; },

	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "ups.id"; oid = "1.4.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.6.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ -9999000L, -9999L, 2147483647L ];
	  why = "the controllers write a huge or impossible number for a sensor that is not there"; },
	{ kind = "unset-until-seen"; points = [ "ambient.temperature", "battery.temperature" ]; values = [ 0 ];
	  why = "0 is written without a sensor"; }
);
