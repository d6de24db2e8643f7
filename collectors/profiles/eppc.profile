# SPDX-License-Identifier: Apache-2.0
# Voltronic cards (PowerWalker, Effekta, Infosec and more): tables for system, chargers and modules.
name = "eppc";
title = "Voltronic SNMP card (EPPC)";
transport = "snmp";
source = "EPPC-MIB; LibreNMS powerwalker sensors; a recorded walk of a PowerWalker card";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.935.10.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.935.10"; },
	{ probe = ".1.3.6.1.4.1.935.10.1.1.2.1.0"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "depleted"; status = "LB DEPLETED"; },
		{ value = 5; text = "good"; status = "DISCHRG"; },
		{ value = 6; text = "fault"; status = "RB"; } ); },
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "bypass"; status = "OL BYPASS"; },
		{ value = 4; text = "normal"; status = "OL"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "battery"; status = "OL TEST"; },
		{ value = 7; text = "none"; status = "OFF"; },		# fault
		{ value = 8; text = "normal"; status = "OL"; },		# frequency converter
		{ value = 9; text = "normal"; status = "OL ECO"; },
		{ value = 10; text = "none"; status = "OFF"; },
		{ value = 11; text = "booster"; status = "OL BOOST"; },
		{ value = 12; text = "reducer"; status = "OL TRIM"; },
		{ value = 13; text = "other"; } ); }
);

tables = (
	{ name = "input"; max_rows = 3; drop_zero_rows = true; like = "output"; },
	{ name = "output"; max_rows = 3; drop_zero_rows = true; },
	{ name = "bypass"; max_rows = 3; drop_zero_rows = true; like = "output"; },
	{ name = "chargers"; max_rows = 64; },
	{ name = "modules"; max_rows = 64; }
);

points = (
	{ point = "battery.status"; oid = "3.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "3.2.0"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; oid = "3.3.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; oid = "3.4.0"; group = "status"; unit = "%"; },
	{ point = "output.source"; oid = "2.1.0"; group = "status"; values = "output_source"; },
	{ point = "ups.temperature"; oid = "2.2.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "battery.voltage.positive"; oid = "3.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.voltage.negative"; oid = "3.6.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "3.8.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "input.frequency"; column = "2.16.1.2"; table = "input"; group = "measure"; unit = "Hz"; scale = 0.1; lines = "input.L{i}.frequency"; },
	{ point = "input.voltage"; column = "2.16.1.3"; table = "input"; group = "measure"; unit = "V"; scale = 0.1; lines = "input.L{i}-N.voltage"; },
	{ point = "input.current"; column = "2.16.1.4"; table = "input"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.L{i}.current"; },
	{ point = "input.realpower"; column = "2.16.1.5"; table = "input"; group = "measure"; unit = "W"; lines = "input.L{i}.realpower"; },
	{ point = "output.frequency"; column = "2.18.1.2"; table = "output"; group = "measure"; unit = "Hz"; scale = 0.1; lines = "output.L{i}.frequency"; },
	{ point = "output.voltage"; column = "2.18.1.3"; table = "output"; group = "measure"; unit = "V"; scale = 0.1; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "2.18.1.4"; table = "output"; group = "measure"; unit = "A"; scale = 0.1; lines = "output.L{i}.current"; },
	{ point = "output.realpower"; column = "2.18.1.5"; table = "output"; group = "measure"; unit = "W"; lines = "output.L{i}.realpower"; },
	{ point = "input.bypass.frequency"; column = "2.20.1.2"; table = "bypass"; group = "measure"; unit = "Hz"; scale = 0.1; lines = "input.bypass.L{i}.frequency"; },
	{ point = "input.bypass.voltage"; column = "2.20.1.3"; table = "bypass"; group = "measure"; unit = "V"; scale = 0.1; lines = "input.bypass.L{i}-N.voltage"; },
	{ point = "input.bypass.current"; column = "2.20.1.4"; table = "bypass"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.bypass.L{i}.current"; },
	{ point = "input.bypass.realpower"; column = "2.20.1.5"; table = "bypass"; group = "measure"; unit = "W"; lines = "input.bypass.L{i}.realpower"; },
	{ point = "output.power"; column = "2.18.1.6"; table = "output"; group = "measure"; unit = "VA"; lines = "output.L{i}.power"; },
	{ point = "ups.load"; column = "2.18.1.7"; table = "output"; group = "measure"; unit = "%"; lines = "output.L{i}.power.percent"; },
	{ point = "charger.{i}.voltage.positive"; column = "3.12.1.3"; table = "chargers"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "charger.{i}.voltage.negative"; column = "3.12.1.4"; table = "chargers"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "charger.{i}.current.positive"; column = "3.12.1.5"; table = "chargers"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "charger.{i}.current.negative"; column = "3.12.1.6"; table = "chargers"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "charger.{i}.temperature"; column = "3.12.1.8"; table = "chargers"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "module.{i}.voltage.positive"; column = "4.2.1.3"; table = "modules"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "module.{i}.voltage.negative"; column = "4.2.1.4"; table = "modules"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "module.{i}.temperature"; column = "4.2.1.5"; table = "modules"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.1.temperature"; oid = "6.1.1.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.1.humidity"; oid = "6.2.1.0"; group = "measure"; unit = "%"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.6.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.*", "input.*", "output.*", "ups.*", "charger.*", "module.*", "ambient.*" ]; values = [ -1, -10 ];
	  why = "what the UPS does not measure"; }
);
