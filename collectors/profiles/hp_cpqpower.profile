# SPDX-License-Identifier: Apache-2.0
# HP and HPE UPS network modules: Eaton's tree under Compaq's number, with tenths where Eaton counts whole units.
name = "hp_cpqpower";
title = "HP / HPE UPS (CPQPOWER)";
transport = "snmp";
source = "CPQPOWER-MIB; networkupstools/nut drivers/compaq-mib.c";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.232.165.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.232.165.3"; },
	{ sysobjectid = ".1.3.6.1.4.1.232"; probe = "1.2.0"; }
);

values = (
	{ name = "abm"; map = (
		{ value = 1; text = "charging"; status = "CHRG"; },
		{ value = 2; text = "discharging"; status = "DISCHRG"; },
		{ value = 3; text = "floating"; },
		{ value = 4; text = "resting"; },
		{ value = 5; text = "unknown"; } ); },
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "booster"; status = "OL BOOST"; },
		{ value = 7; text = "reducer"; status = "OL TRIM"; },
		{ value = 8; text = "parallel, for capacity"; status = "OL"; },
		{ value = 9; text = "parallel, redundant"; status = "OL"; },
		{ value = 10; text = "economy"; status = "OL ECO"; } ); },
	{ name = "input_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; },
		{ value = 3; text = "utility"; },
		{ value = 4; text = "bypass feed"; },
		{ value = 5; text = "secondary"; },
		{ value = 6; text = "generator"; },
		{ value = 7; text = "flywheel"; },
		{ value = 8; text = "fuel cell"; } ); },
	{ name = "test_result"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "passed"; },
		{ value = 3; text = "failed"; code = "test.failed"; },
		{ value = 4; text = "running"; },
		{ value = 5; text = "not supported"; },
		{ value = 6; text = "inhibited"; },
		{ value = 7; text = "scheduled"; } ); },
	{ name = "outlet"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; },
		{ value = 3; text = "off after a delay"; },
		{ value = 4; text = "on after a delay"; },
		{ value = 5; text = "unknown"; } ); }
);

tables = (
	{ name = "hp_input"; count = "3.3.0"; max_rows = 3; drop_zero_rows = true; like = "hp_output"; },
	{ name = "hp_output"; count = "4.3.0"; max_rows = 3; drop_zero_rows = true; },
	{ name = "hp_bypass"; count = "5.2.0"; max_rows = 3; drop_zero_rows = true; like = "hp_output"; },
	{ name = "hp_outlets"; count = "10.1.0"; max_rows = 32; }
);

points = (
	{ point = "battery.runtime"; oid = "2.1.0"; group = "status"; unit = "s"; },
	{ point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; },
	{ point = "battery.charger.status"; oid = "2.5.0"; group = "status"; values = "abm"; },
	{ point = "output.source"; oid = "4.5.0"; group = "status"; values = "output_source"; },
	{ point = "battery.voltage"; oid = "2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.3.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.frequency"; oid = "3.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.quality"; oid = "3.2.0"; group = "measure"; },
	{ point = "input.phases"; oid = "3.3.0"; group = "ident"; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "3.4.1.2"; table = "hp_input"; group = "measure"; unit = "V"; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "3.4.1.3"; table = "hp_input"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.realpower"; lines = "input.L{i}.realpower"; column = "3.4.1.4"; table = "hp_input"; group = "measure"; unit = "W"; },
	{ point = "input.source"; oid = "3.5.0"; group = "measure"; values = "input_source"; },
	{ point = "ups.load"; oid = "4.1.0"; group = "measure"; unit = "%"; },
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.phases"; oid = "4.3.0"; group = "ident"; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "4.4.1.2"; table = "hp_output"; group = "measure"; unit = "V"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "4.4.1.3"; table = "hp_output"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "4.4.1.4"; table = "hp_output"; group = "measure"; unit = "W"; },
	{ point = "input.bypass.frequency"; oid = "5.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.phases"; oid = "5.2.0"; group = "ident"; },
	{ point = "input.bypass.voltage"; lines = "input.bypass.L{i}-N.voltage"; column = "5.3.1.2"; table = "hp_bypass"; group = "measure"; unit = "V"; },
	{ point = "ambient.temperature"; oid = "6.1.0"; group = "measure"; unit = "°C"; },
	{ point = "ups.test.result"; oid = "7.2.0"; group = "measure"; values = "test_result"; },
	{ point = "outlet.{i}.status"; column = "10.2.1.2"; table = "hp_outlets"; group = "measure"; values = "outlet"; },
	{ point = "output.voltage.nominal"; oid = "9.1.0"; group = "ident"; unit = "V"; },
	{ point = "input.voltage.nominal"; oid = "9.2.0"; group = "ident"; unit = "V"; },
	{ point = "ups.realpower.nominal"; oid = "9.3.0"; group = "ident"; unit = "W"; },
	{ point = "output.frequency.nominal"; oid = "9.4.0"; group = "ident"; unit = "Hz"; scale = 0.1; },
	{ point = "device.mfr"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "device.serial"; oid = ".1.3.6.1.4.1.232.165.1.2.7.0"; group = "ident"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "ambient.temperature" ]; values = [ 0 ]; why = "modules without a sensor write 0"; }
);

# CPQPOWER-MIB: upsTestBattery, upsTestBatteryStatus, as in the XUPS-MIB.
commands = (
	{ command = "test.battery.start.quick"; title = "Battery test"; needs = "ups.test.result";
	  set = ( { oid = "7.1.0"; value = 1; } ); readback = "7.2.0"; is = [ 4 ]; }
);
