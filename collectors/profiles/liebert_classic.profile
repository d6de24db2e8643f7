# SPDX-License-Identifier: Apache-2.0
# The power tables of older Liebert devices: measuring points, their lines, direct current; the kind of a point is an OID.
name = "liebert_classic";
title = "Liebert power tables";
transport = "snmp";
source = "LIEBERT-GP-POWER-MIB; LibreNMS liebert sensors; a recorded walk of an FPC (OpenComms web adapter)";
root = ".1.3.6.1.4.1.476.1.42";

values = (
	{ name = "source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "normal"; },
		{ value = 3; text = "bypass"; status = "BYPASS"; },
		{ value = 4; text = "maintenance bypass"; status = "BYPASS"; } ); },
	{ name = "feed"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "utility"; },
		{ value = 3; text = "generator"; } ); },
	{ name = "capacity"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "depleted"; status = "LB DEPLETED"; } ); },
	{ name = "charge"; map = (
		{ value = 1; text = "full"; },
		{ value = 2; text = "not full"; },
		{ value = 3; text = "charging"; status = "CHRG"; },
		{ value = 4; text = "discharging"; status = "DISCHRG"; } ); },
	{ name = "test"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "passed"; },
		{ value = 3; text = "failed"; },
		{ value = 4; text = "running"; } ); }
);

# Points and lines are told apart by the kind of the point: 1 source, 5 output to the load, 7 bypass, 9 output of the system.
tables = (
	{ name = "line"; index = 2; number = 2; max_rows = 48; label = "3.5.2.2.1.2"; },	# point, line
	{ name = "point"; max_rows = 16; label = "3.5.2.2.1.2"; },
	{ name = "dc"; max_rows = 16; label = "3.5.2.4.1.2"; }
);

points = (
	# source 1
	{ point = "input.{ll}.voltage"; column = "3.5.2.3.1.4"; table = "line"; label = "\\.2\\.1\\.1$"; group = "measure"; unit = "V"; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "3.5.2.3.1.5"; table = "line"; label = "\\.2\\.1\\.1$"; group = "measure"; unit = "V"; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "3.5.2.3.1.6"; table = "line"; label = "\\.2\\.1\\.1$"; group = "measure"; unit = "A"; },
	{ point = "input.voltage.thd"; lines = "input.L{i}.voltage.thd"; column = "3.5.2.3.1.10"; table = "line"; label = "\\.2\\.1\\.1$"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.current.thd"; lines = "input.L{i}.current.thd"; column = "3.5.2.3.1.11"; table = "line"; label = "\\.2\\.1\\.1$"; group = "measure"; unit = "%"; scale = 0.1; },
	# output to the load, output of the system
	{ point = "output.{ll}.voltage"; column = "3.5.2.3.1.4"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "V"; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "3.5.2.3.1.5"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "V"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "3.5.2.3.1.6"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "A"; },
	{ point = "ups.load"; lines = "output.L{i}.power.percent"; column = "3.5.2.3.1.7"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "%"; },
	{ point = "output.power"; lines = "output.L{i}.power"; column = "3.5.2.3.1.8"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "VA"; scale = 1000; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "3.5.2.3.1.9"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "W"; scale = 1000; },
	{ point = "output.voltage.thd"; lines = "output.L{i}.voltage.thd"; column = "3.5.2.3.1.10"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.current.thd"; lines = "output.L{i}.current.thd"; column = "3.5.2.3.1.11"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.current.crest"; lines = "output.L{i}.current.crest"; column = "3.5.2.3.1.13"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = ""; scale = 0.1; },
	{ point = "output.powerfactor"; lines = "output.L{i}.powerfactor"; column = "3.5.2.3.1.14"; table = "line"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = ""; scale = 0.01; },
	# bypass
	{ point = "input.bypass.voltage"; lines = "input.bypass.L{i}-N.voltage"; column = "3.5.2.3.1.5"; table = "line"; label = "\\.2\\.1\\.7$"; group = "measure"; unit = "V"; },
	{ point = "input.bypass.current"; lines = "input.bypass.L{i}.current"; column = "3.5.2.3.1.6"; table = "line"; label = "\\.2\\.1\\.7$"; group = "measure"; unit = "A"; },
	# measuring points as a whole; power is counted in kVA and kW
	{ point = "input.frequency"; column = "3.5.2.2.1.6"; table = "point"; label = "\\.2\\.1\\.1$"; group = "measure"; unit = "Hz"; },
	{ point = "output.frequency"; column = "3.5.2.2.1.6"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "Hz"; },
	{ point = "input.bypass.frequency"; column = "3.5.2.2.1.6"; table = "point"; label = "\\.2\\.1\\.7$"; group = "measure"; unit = "Hz"; },
	{ point = "ups.power"; column = "3.5.2.2.1.7"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "VA"; scale = 1000; },
	{ point = "ups.realpower"; column = "3.5.2.2.1.8"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "W"; scale = 1000; },
	{ point = "ups.powerfactor"; column = "3.5.2.2.1.9"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = ""; scale = 0.01; },
	{ point = "output.energy"; column = "3.5.2.2.1.10"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "Wh"; scale = 1000; },
	{ point = "output.current.neutral"; column = "3.5.2.2.1.12"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "A"; },
	{ point = "output.current.ground"; column = "3.5.2.2.1.13"; table = "point"; label = "\\.2\\.1\\.[59]$"; group = "measure"; unit = "A"; scale = 0.1; },
	# direct current: 6 battery, 10 battery cabinet
	{ point = "battery.voltage"; column = "3.5.2.4.1.4"; table = "dc"; label = "\\.2\\.1\\.(6|10)$"; group = "measure"; unit = "V"; },
	{ point = "battery.current"; column = "3.5.2.4.1.5"; table = "dc"; label = "\\.2\\.1\\.(6|10)$"; group = "measure"; unit = "A"; },
	# states of the UPS
	{ point = "output.source"; oid = "3.5.3.31.0"; group = "status"; values = "source"; },
	{ point = "input.source"; oid = "3.5.3.32.0"; group = "measure"; values = "feed"; },
	{ point = "battery.status"; oid = "3.5.1.26.0"; group = "status"; values = "capacity"; },
	{ point = "battery.runtime"; oid = "3.5.1.18.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; oid = "3.5.1.19.0"; group = "status"; unit = "%"; },
	{ point = "battery.charger.status"; oid = "3.5.1.14.0"; group = "measure"; values = "charge"; },
	{ point = "ups.test.result"; oid = "3.5.1.8.0"; group = "measure"; values = "test"; },
	{ point = "ups.modules"; oid = "3.5.1.1.0"; group = "measure"; },
	{ point = "ups.modules.failed"; oid = "3.5.1.2.0"; group = "measure"; },
	{ point = "ups.redundancy"; oid = "3.5.1.3.0"; group = "measure"; }
);

quirks = (
	{ kind = "divide-if-above"; points = [ "output.frequency", "input.frequency", "input.bypass.frequency" ]; limit = 100; factor = 10; why = "some cards count tenths of a hertz"; }
);
