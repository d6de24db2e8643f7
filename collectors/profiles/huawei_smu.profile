# SPDX-License-Identifier: Apache-2.0
# Huawei site monitoring units SMU02, SMU11 of DC power systems (HUAWEI-SITE-MONITOR-MIB).
name = "huawei_smu";
title = "Huawei SMU DC power system";
transport = "snmp";
source = "HUAWEI-SITE-MONITOR-MIB; LibreNMS definition huawei-smu; recorded walks of SMU02B and SMU11B";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.2011.6.164.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2011.6.164"; },
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2.10"; sysdescr = "GSE200M"; },
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2"; probe = "2.2.1.1.5.1"; }
);

values = (
	{ name = "charge"; map = (
		{ value = 1; text = "floating"; status = "OL"; },
		{ value = 2; text = "boost"; status = "OL CHRG"; },
		{ value = 3; text = "discharging"; status = "OB DISCHRG"; },
		{ value = 255; text = "unknown"; } ); },
	{ name = "limit"; map = (
		{ value = 1; text = "unlimited"; },
		{ value = 2; text = "limited"; },
		{ value = 255; text = "unknown"; } ); },
	{ name = "on_off"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; },
		{ value = 255; text = "unknown"; } ); },
	{ name = "sleep"; map = (
		{ value = 1; text = "disabled"; },
		{ value = 2; text = "enabled"; },
		{ value = 3; text = "not supported"; } ); },
	{ name = "monitor"; map = (
		{ value = 1; text = "ok"; },
		{ value = 2; text = "serial link failed"; code = "ups.fault"; },
		{ value = 3; text = "network failed"; code = "ups.fault"; },
		{ value = 4; text = "fault"; code = "ups.fault"; },
		{ value = 254; text = "alarm has gone"; },
		{ value = 255; text = "unknown"; } ); },
	{ name = "control"; map = (
		{ value = 1; text = "manual"; },
		{ value = 2; text = "automatic"; },
		{ value = 255; text = "unknown"; } ); }
);

tables = (
	{ name = "ac"; max_rows = 16; },
	{ name = "dc"; max_rows = 16; },
	{ name = "bank"; max_rows = 16; },
	{ name = "lvd"; max_rows = 16; },
	{ name = "rectifier"; max_rows = 64; }
);

points = (
	{ point = "battery.charger.status"; oid = "4.2.3.0"; group = "status"; values = "charge"; },
	{ point = "battery.charger.limit"; oid = "4.2.4.0"; group = "status"; values = "limit"; },
	{ point = "battery.charge"; oid = "4.4.2.1.3.5"; group = "status"; unit = "%"; scale = 0.1; },
	{ point = "device.status"; oid = "2.2.1.1.99.1"; group = "status"; values = "monitor"; },
	{ point = "rectifier.status"; oid = "3.1.8.0"; group = "status"; values = "on_off"; },

	{ point = "output.voltage"; oid = "6.1.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; oid = "6.1.4.0"; group = "measure"; unit = "A"; },
	{ point = "feed.{i}.voltage"; column = "6.2.1.1.4"; table = "dc"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "feed.{i}.current"; column = "6.2.1.1.5"; table = "dc"; group = "measure"; unit = "A"; },
	{ point = "battery.current"; oid = "4.2.1.0"; group = "measure"; unit = "A"; },
	{ point = "battery.packs"; oid = "4.1.3.0"; group = "measure"; },
	{ point = "rectifier.current"; oid = "3.1.3.0"; group = "measure"; unit = "A"; },
	{ point = "rectifier.modules"; oid = "3.1.4.0"; group = "measure"; },
	{ point = "rectifier.voltage.nominal"; oid = "3.1.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "rectifier.voltage.setpoint"; oid = "3.1.6.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "rectifier.sleep"; oid = "3.1.7.0"; group = "measure"; values = "sleep"; },
	{ point = "ups.mode"; oid = "2.2.1.1.11.1"; group = "measure"; values = "control"; },

	# One row per mains input; the columns are its phases.
	{ point = "input.L1-N.voltage"; oid = "5.2.1.1.4.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L2-N.voltage"; oid = "5.2.1.1.5.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L3-N.voltage"; oid = "5.2.1.1.6.1"; group = "measure"; unit = "V"; scale = 0.1; },

	{ point = "lvd.{i}.voltage"; column = "7.2.1.1.5"; table = "lvd"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "lvd.{i}.name"; column = "7.2.1.1.3"; table = "lvd"; group = "ident"; },

	{ point = "ups.firmware"; oid = "2.2.1.1.5.1"; group = "ident"; },
	{ point = "ups.id"; oid = "1.1.1.4.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ 2147483647L, 4294967295L, 65535L, 32767L ];
	  why = "all ones stand for what the unit does not measure"; }
);
