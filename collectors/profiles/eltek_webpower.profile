# SPDX-License-Identifier: Apache-2.0
# Eltek DC systems with a WebPower adapter (ELTEK-DISTRIBUTED-MIB, smartpack and older).
name = "eltek_webpower";
title = "Eltek DC system (WebPower)";
transport = "snmp";
source = "ELTEK-DISTRIBUTED-MIB; LibreNMS definition eltek-webpower; a recorded walk of a WebPower 4.11 on a smartpack";
base = "system";
root = ".1.3.6.1.4.1.12148.9";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.12148.9"; }
);

values = (
	{ name = "operation"; map = (
		{ value = 0; text = "floating"; },
		{ value = 1; text = "floating, temperature compensated"; },
		{ value = 2; text = "boost"; status = "CHRG"; },
		{ value = 3; text = "battery test"; status = "TEST"; } ); },
	{ name = "breaker"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "alarm"; code = "fuse.failed"; } ); },
	{ name = "battery_breaker"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "alarm"; code = "battery.fuse"; } ); },
	{ name = "rectifier"; map = (
		{ value = 0; text = "absent"; },
		{ value = 1; text = "ok"; },
		{ value = 2; text = "alarm"; code = "rectifier.failed"; },
		{ value = 3; text = "not used"; },
		{ value = 4; text = "disabled"; } ); }
);

# All rectifiers that might be are listed; those that are not there have no model ("-").
tables = (
	{ name = "rectifier"; from = 0; max_rows = 64; label = "5.5.2.1.8"; skip = [ "-", "" ]; }
);

points = (
	{ point = "battery.charger.status"; oid = "2.2.0"; group = "status"; values = "operation"; },
	{ point = "battery.runtime"; oid = "3.20.1.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.fuse.status"; oid = "3.5.0"; group = "status"; values = "battery_breaker"; },
	{ point = "output.fuse.status"; oid = "4.2.0"; group = "status"; values = "breaker"; },

	{ point = "battery.voltage"; oid = "3.2.0"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.current"; oid = "3.3.0"; group = "measure"; unit = "A"; },
	{ point = "battery.temperature"; oid = "3.4.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.capacity.remaining"; oid = "3.20.2.0"; group = "measure"; unit = "Ah"; },
	{ point = "battery.capacity.used"; oid = "3.20.3.0"; group = "measure"; unit = "Ah"; },
	{ point = "battery.quality"; oid = "3.20.5.0"; group = "measure"; unit = "%"; },
	{ point = "output.current"; oid = "4.1.0"; group = "measure"; unit = "A"; },
	{ point = "rectifier.modules"; oid = "5.1.0"; group = "measure"; },
	{ point = "rectifier.modules.active"; oid = "5.2.0"; group = "measure"; },
	{ point = "rectifier.current"; oid = "5.3.0"; group = "measure"; unit = "A"; },
	{ point = "rectifier.load"; oid = "5.4.0"; group = "measure"; unit = "%"; },
	{ point = "rectifier.{i}.status"; column = "5.5.2.1.2"; table = "rectifier"; group = "measure"; values = "rectifier"; },
	{ point = "rectifier.{i}.current"; column = "5.5.2.1.3"; table = "rectifier"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "rectifier.{i}.voltage"; column = "5.5.2.1.4"; table = "rectifier"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "rectifier.{i}.temperature"; column = "5.5.2.1.5"; table = "rectifier"; group = "measure"; unit = "°C"; },
	{ point = "rectifier.{i}.serial"; column = "5.5.2.1.8"; table = "rectifier"; group = "ident"; },
	{ point = "input.L1-N.voltage"; oid = "6.1.0"; group = "measure"; unit = "V"; },
	{ point = "input.L2-N.voltage"; oid = "6.2.0"; group = "measure"; unit = "V"; },
	{ point = "input.L3-N.voltage"; oid = "6.3.0"; group = "measure"; unit = "V"; },

	{ point = "battery.type"; oid = "3.1.0"; group = "ident"; },
	{ point = "output.voltage.nominal"; oid = "2.1.4.0"; group = "ident"; unit = "V"; units = "nominal"; unit_oid = "2.1.4.0"; },
	{ point = "device.serial"; oid = "2.1.3.7.0"; group = "ident"; },
	{ point = "device.part"; oid = "1.18.2.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.18.7.0"; group = "ident"; }
);

# The rating is a number out of a list.
units = (
	{ name = "nominal"; map = (
		{ text = "0"; scale = 1; offset = 48; },
		{ text = "1"; scale = 24; },
		{ text = "4"; scale = 15; } ); }
);
# not read: 3.20.2, 3.20.3 as a current - they are ampere hours

quirks = (
	{ kind = "no-bulk"; why = "the adapters answer GETBULK badly"; }
);
