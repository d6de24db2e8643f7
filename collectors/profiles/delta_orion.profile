# SPDX-License-Identifier: Apache-2.0
# Delta Orion controllers of DC systems.
name = "delta_orion";
title = "Delta Orion DC system";
transport = "snmp";
source = "ORION-BASE-MIB; LibreNMS definition deltaorion; no recording was at hand";
base = "system";
root = ".1.3.6.1.4.1.20246.2.3.1.1.1.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.20246"; }
);

values = (
	{ name = "mains"; map = (
		{ value = 1; text = "ok"; status = "OL"; },
		{ value = 2; text = "unknown"; },
		{ value = 3; text = "failed"; status = "OB"; code = "input.bad"; } ); },
	{ name = "charge"; map = (
		{ value = 1; text = "floating"; },
		{ value = 2; text = "discharging"; status = "DISCHRG"; },
		{ value = 3; text = "equalising"; status = "CHRG"; },
		{ value = 4; text = "boost"; status = "CHRG"; },
		{ value = 5; text = "battery test"; status = "TEST"; },
		{ value = 6; text = "charging"; status = "CHRG"; },
		{ value = 7; text = "separate charging"; status = "CHRG"; },
		{ value = 8; text = "charging by an event"; status = "CHRG"; } ); },
	{ name = "limit"; map = (
		{ value = 1; text = "unlimited"; },
		{ value = 2; text = "limited"; } ); }
);

tables = (
	{ name = "voltage"; max_rows = 32; only = ( { column = "9.1.1.4"; is = [ 3 ]; } ); },
	{ name = "temperature"; max_rows = 32; only = ( { column = "9.1.1.4"; is = [ 7 ]; } ); }
);

points = (
	{ point = "input.status"; oid = "2.5.0"; group = "status"; values = "mains"; },
	{ point = "battery.charger.status"; oid = "3.5.0"; group = "status"; values = "charge"; },
	{ point = "alarm.ups.critical"; oid = "2.15.0"; group = "status"; true_when = [ 3 ]; },
	{ point = "alarm.ups.major"; oid = "2.7.0"; group = "status"; true_when = [ 3 ]; },	# the MIB calls them urgent
	{ point = "alarm.ups.minor"; oid = "2.9.0"; group = "status"; true_when = [ 3 ]; },	# and not urgent

	{ point = "output.voltage"; oid = "3.1.0"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "output.current"; oid = "3.2.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.current"; oid = "3.3.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "3.4.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "battery.charger.limit"; oid = "3.6.0"; group = "measure"; values = "limit"; },
	{ point = "rectifier.current"; oid = "3.7.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.realpower"; oid = "3.8.0"; group = "measure"; unit = "W"; },
	{ point = "rectifier.modules"; oid = "4.1.0"; group = "measure"; },
	{ point = "rectifier.modules.failed"; oid = "4.2.0"; group = "measure"; },
	{ point = "rectifier.modules.active"; oid = "4.3.0"; group = "measure"; },
	{ point = "feed.{i}.voltage"; column = "9.1.1.3"; table = "voltage"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "ambient.{i}.temperature"; column = "9.1.1.3"; table = "temperature"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.name"; column = "9.1.1.2"; table = "temperature"; group = "ident"; }
);
# not read: currents of the table of measurements (kind 5) - whether they are amperes or tenths is not known

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ 2147483647L ]; why = "the MIB says so"; }
);
