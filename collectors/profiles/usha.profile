# SPDX-License-Identifier: Apache-2.0
# WebPower cards (Eaton, Effekta, MegaTec): the shape of the standard MIB, finer scales.
name = "usha";
title = "WebPower card (USHA)";
transport = "snmp";
source = "USHA-MIB; LibreNMS webpower-smart2 sensors; a recorded walk";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.2468.1.2.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2468.1.2"; }
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
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "booster"; status = "OL BOOST"; },
		{ value = 7; text = "reducer"; status = "OL TRIM"; } ); },
	{ name = "test_result"; map = (
		{ value = 1; text = "passed"; },
		{ value = 2; text = "warning"; },
		{ value = 3; text = "failed"; },
		{ value = 4; text = "aborted"; },
		{ value = 5; text = "running"; },
		{ value = 6; text = "none"; } ); }
);

tables = (
	{ name = "input"; drop_zero_rows = true; like = "output"; },
	{ name = "output"; drop_zero_rows = true; }
);

points = (
	{ point = "battery.status"; oid = "2.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.2.0"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; oid = "2.3.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; },
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; },
	{ point = "battery.voltage"; oid = "2.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.6.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "2.7.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "input.quality"; oid = "3.1.0"; group = "measure"; },
	{ point = "input.frequency"; column = "3.3.1.2"; table = "input"; group = "measure"; unit = "Hz"; scale = 0.1; lines = "input.L{i}.frequency"; },
	{ point = "input.voltage"; column = "3.3.1.3"; table = "input"; group = "measure"; unit = "V"; scale = 0.1; lines = "input.L{i}-N.voltage"; },
	{ point = "input.current"; column = "3.3.1.4"; table = "input"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.L{i}.current"; },
	{ point = "input.realpower"; column = "3.3.1.5"; table = "input"; group = "measure"; unit = "W"; lines = "input.L{i}.realpower"; },
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.voltage"; column = "4.4.1.2"; table = "output"; group = "measure"; unit = "V"; scale = 0.1; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "4.4.1.3"; table = "output"; group = "measure"; unit = "A"; scale = 0.1; lines = "output.L{i}.current"; },
	{ point = "output.realpower"; column = "4.4.1.4"; table = "output"; group = "measure"; unit = "W"; lines = "output.L{i}.realpower"; },
	{ point = "ups.load"; column = "4.4.1.5"; table = "output"; group = "measure"; unit = "%"; lines = "output.L{i}.power.percent"; },
	{ point = "ups.test.result"; oid = "6.3.0"; group = "measure"; values = "test_result"; },
	{ point = "ups.test.date"; oid = "6.4.0"; group = "ident"; }
);
