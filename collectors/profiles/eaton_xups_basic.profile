# SPDX-License-Identifier: Apache-2.0
# What the Powerware tree counts more coarsely than the standard UPS MIB (whole volts and amperes), or says less of: for cards that
# have the Powerware tree only.
name = "eaton_xups_basic";
title = "Eaton Powerware, the coarse half";
transport = "snmp";
source = "XUPS-MIB";
root = ".1.3.6.1.4.1.534.1";

values = (
	{ name = "xups_test"; map = (
		{ value = 0; text = "none"; },
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "passed"; },
		{ value = 3; text = "failed"; code = "test.failed"; },
		{ value = 4; text = "running"; code = "test.running"; },
		{ value = 5; text = "not supported"; },
		{ value = 6; text = "inhibited"; },
		{ value = 7; text = "scheduled"; } ); }
);

tables = (
	{ name = "xups_input"; count = "3.3.0"; max_rows = 3; drop_zero_rows = true; like = "xups_output"; },
	{ name = "xups_output"; count = "4.3.0"; max_rows = 3; drop_zero_rows = true; },
	{ name = "xups_bypass"; count = "5.2.0"; max_rows = 3; drop_zero_rows = true; like = "xups_output"; }
);

points = (
	{ point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; },
	{ point = "battery.voltage"; oid = "2.2.0"; group = "measure"; unit = "V"; },
	{ point = "battery.current"; oid = "2.3.0"; group = "measure"; unit = "A"; },
	{ point = "input.phases"; oid = "3.3.0"; group = "ident"; },
	{ point = "input.frequency"; oid = "3.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "3.4.1.2"; table = "xups_input"; group = "measure"; unit = "V"; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "3.4.1.3"; table = "xups_input"; group = "measure"; unit = "A"; },
	{ point = "input.realpower"; lines = "input.L{i}.realpower"; column = "3.4.1.4"; table = "xups_input"; group = "measure"; unit = "W"; },
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.phases"; oid = "4.3.0"; group = "ident"; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "4.4.1.2"; table = "xups_output"; group = "measure"; unit = "V"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "4.4.1.3"; table = "xups_output"; group = "measure"; unit = "A"; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "4.4.1.4"; table = "xups_output"; group = "measure"; unit = "W"; },
	{ point = "input.bypass.frequency"; oid = "5.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.phases"; oid = "5.2.0"; group = "ident"; },
	{ point = "input.bypass.voltage"; lines = "input.bypass.L{i}-N.voltage"; column = "5.3.1.2"; table = "xups_bypass"; group = "measure"; unit = "V"; },
	{ point = "input.bypass.current"; lines = "input.bypass.L{i}.current"; column = "5.3.1.5"; table = "xups_bypass"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.bypass.realpower"; lines = "input.bypass.L{i}.realpower"; column = "5.3.1.6"; table = "xups_bypass"; group = "measure"; unit = "W"; },
	{ point = "ups.test.result"; oid = "8.2.0"; group = "measure"; values = "xups_test"; },
	# not read: E.534.1.8.2.0.0.0 - agents that answer below an instance; the scalar is 8.2.0
	{ point = "device.mfr"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "14.3.0"; group = "ident"; },
	{ point = "output.voltage.nominal"; oid = "10.1.0"; group = "ident"; unit = "V"; },
	{ point = "input.voltage.nominal"; oid = "10.2.0"; group = "ident"; unit = "V"; },
	{ point = "ups.realpower.nominal"; oid = "10.3.0"; group = "ident"; unit = "W"; },
	{ point = "output.frequency.nominal"; oid = "10.4.0"; group = "ident"; unit = "Hz"; scale = 0.1; }
);
