# SPDX-License-Identifier: Apache-2.0
# Sinetica Hawk-i cards: the standard MIB in another place.
name = "sinetica";
title = "Sinetica Hawk-i UPS card";
transport = "snmp";
source = "LibreNMS sinetica sensors; a recorded walk of a ZBBNC2";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.13891.101";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.13891"; }
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
	{ name = "input"; count = "3.2.0"; drop_zero_rows = true; like = "output"; },
	{ name = "output"; count = "4.3.0"; drop_zero_rows = true; },
	{ name = "bypass"; count = "5.2.0"; drop_zero_rows = true; like = "output"; }
);

points = (
	{ point = "battery.status"; oid = "2.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.2.0"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; oid = "2.3.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; },
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; },
	{ point = "ups.alarm.count"; oid = "6.1.0"; group = "status"; },
	{ point = "battery.voltage"; oid = "2.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.6.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "2.7.0"; group = "measure"; unit = "°C"; },
	{ point = "input.quality"; oid = "3.1.0"; group = "measure"; },
	{ point = "input.phases"; oid = "3.2.0"; group = "ident"; },
	{ point = "input.frequency"; column = "3.3.1.2"; table = "input"; group = "measure"; unit = "Hz"; scale = 0.1; lines = "input.L{i}.frequency"; },
	{ point = "input.voltage"; column = "3.3.1.3"; table = "input"; group = "measure"; unit = "V"; lines = "input.L{i}-N.voltage"; },
	{ point = "input.current"; column = "3.3.1.4"; table = "input"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.L{i}.current"; },
	{ point = "input.realpower"; column = "3.3.1.5"; table = "input"; group = "measure"; unit = "W"; lines = "input.L{i}.realpower"; },
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.phases"; oid = "4.3.0"; group = "ident"; },
	{ point = "output.voltage"; column = "4.4.1.2"; table = "output"; group = "measure"; unit = "V"; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "4.4.1.3"; table = "output"; group = "measure"; unit = "A"; scale = 0.1; lines = "output.L{i}.current"; },
	{ point = "output.realpower"; column = "4.4.1.4"; table = "output"; group = "measure"; unit = "W"; lines = "output.L{i}.realpower"; },
	{ point = "ups.load"; column = "4.4.1.5"; table = "output"; group = "measure"; unit = "%"; lines = "output.L{i}.power.percent"; },
	{ point = "input.bypass.frequency"; oid = "5.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.voltage"; column = "5.3.1.2"; table = "bypass"; group = "measure"; unit = "V"; lines = "input.bypass.L{i}-N.voltage"; },
	{ point = "input.bypass.current"; column = "5.3.1.3"; table = "bypass"; group = "measure"; unit = "A"; scale = 0.1; lines = "input.bypass.L{i}.current"; },
	{ point = "ups.test.result"; oid = "7.3.0"; group = "measure"; values = "test_result"; },
	{ point = "device.mfr"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.4.0"; group = "ident"; },
	{ point = "input.voltage.nominal"; oid = "9.1.0"; group = "ident"; unit = "V"; },
	{ point = "output.voltage.nominal"; oid = "9.3.0"; group = "ident"; unit = "V"; },
	{ point = "ups.power.nominal"; oid = "9.5.0"; group = "ident"; unit = "VA"; }
);

derived = (
	{ point = "ups.realpower"; from = "output.realpower"; how = "sum"; group = "measure"; },
	{ point = "ups.load"; from = "ups.load"; how = "max"; group = "measure"; }
);

quirks = (
	{ kind = "zero-unknown-when"; points = [ "battery.runtime" ]; with = [ "battery.charge" ]; min = 90; not_status = "OB";
	  why = "0 minutes with a full battery: not known, and this must never look like an empty battery"; },
	{ kind = "unset-until-seen"; points = [ "battery.temperature" ]; values = [ 0 ]; why = "0 without a sensor"; }
);
# not so: 3.3.1.3, 4.4.1.2 of the walk - 206 and 208 are volts as in the MIB, not tenths: the UPS is rated 208 V
# not so: 4.4.1.4.1 of the walk - 58500 W of all lines, 39 % of 150 kVA, not 5850
# not so: 2.3.0 of the walk - 0 minutes with 100 % is no estimate
