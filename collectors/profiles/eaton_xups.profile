# SPDX-License-Identifier: Apache-2.0
# Eaton Powerware: ConnectUPS, Power Xpert, Network-M2 and M3 cards. What the standard MIB knows as well or better comes from there.
name = "eaton_xups";
title = "Eaton Powerware UPS (XUPS)";
transport = "snmp";
source = "XUPS-MIB; networkupstools/nut eaton-ups-pwnm2-mib.c";
base = "rfc1628";
also = [ "eaton_xups_basic", "eaton_emp" ];
priority = 10;
root = ".1.3.6.1.4.1.534.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.534.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.534.2"; }
);

values = (
	{ name = "abm"; map = (
		{ value = 1; text = "charging"; status = "CHRG"; },
		{ value = 2; text = "discharging"; status = "DISCHRG"; },
		{ value = 3; text = "floating"; },
		{ value = 4; text = "resting"; },
		{ value = 5; text = "unknown"; },
		{ value = 6; text = "disconnected"; code = "battery.disconnected"; },
		{ value = 7; text = "testing"; status = "TEST"; },
		{ value = 8; text = "check the battery"; status = "RB"; } ); },
	{ name = "xups_output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "booster"; status = "OL BOOST"; },
		{ value = 7; text = "reducer"; status = "OL TRIM"; },
		{ value = 8; text = "parallel, for capacity"; status = "OL"; },
		{ value = 9; text = "parallel, redundant"; status = "OL"; },
		{ value = 10; text = "economy"; status = "OL ECO"; },
		{ value = 11; text = "bypass, for maintenance"; status = "OL BYPASS"; },
		{ value = 12; text = "energy saver"; status = "OL ECO"; } ); },
	{ name = "xups_input_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; },
		{ value = 3; text = "utility"; },
		{ value = 4; text = "bypass feed"; },
		{ value = 5; text = "secondary"; },
		{ value = 6; text = "generator"; },
		{ value = 7; text = "flywheel"; },
		{ value = 8; text = "fuel cell"; } ); },
	{ name = "xups_protection"; map = (
		{ value = 1; text = "not powered"; },
		{ value = 2; text = "not protected"; },
		{ value = 3; text = "protected"; } ); },
	{ name = "xups_input_status"; map = (
		{ value = 1; text = "bad"; },
		{ value = 2; text = "good"; } ); }
);

tables = (
	{ name = "xups_fine_input"; max_rows = 3; },
	{ name = "xups_fine_output"; max_rows = 3; },
	{ name = "xups_load"; max_rows = 3; min_rows = 2; },
	{ name = "rfc_load"; max_rows = 3; min_rows = 2; drop_zero_rows = true; }
);

points = (
	{ point = "battery.runtime"; oid = "2.1.0"; group = "status"; unit = "s"; },
	{ point = "battery.charger.status"; oid = "2.5.0"; group = "status"; values = "abm"; },
	{ point = "output.source"; oid = "4.5.0"; group = "status"; values = "xups_output_source"; },
	{ point = "ups.alarm.count"; oid = "7.1.0"; group = "status"; },
	{ point = "battery.capacity.low"; oid = "2.10.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "battery.replace"; oid = "2.9.0"; group = "status"; true_when = [ 1 ]; status = "RB"; },
	{ point = "battery.fault"; oid = "2.7.0"; group = "status"; true_when = [ 1 ]; status = "RB"; },
	{ point = "alarm.battery.disconnected"; oid = "2.8.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "battery.date"; oid = "2.6.0"; group = "ident"; },
	{ point = "device.clock.drift"; oid = "10.5.0"; group = "measure"; unit = "s"; format = "time"; },
	# not read: E.534.1.2.6.0 as runtime - a date, published as text; days since then change by themselves

	{ point = "input.quality"; oid = "3.2.0"; group = "measure"; },
	{ point = "input.source"; oid = "3.5.0"; group = "measure"; values = "xups_input_source"; },
	{ point = "input.status"; oid = "3.9.0"; group = "measure"; values = "xups_input_status"; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "3.4.1.7"; table = "xups_fine_input"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.power"; oid = "3.8.4.0"; group = "measure"; unit = "VA"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "4.4.1.7"; table = "xups_fine_output"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.power"; lines = "output.L{i}.power"; column = "4.4.1.9"; table = "xups_fine_output"; group = "measure"; unit = "VA"; },
	{ point = "output.power.percent"; lines = "output.L{i}.power.percent"; column = "4.4.1.8"; table = "xups_load"; group = "measure"; unit = "%"; },
	{ point = "output.power.percent"; lines = "output.L{i}.power.percent"; column = ".1.3.6.1.2.1.33.1.4.4.1.5"; table = "rfc_load"; group = "measure"; unit = "%"; instead = true; },
	{ point = "ups.load"; oid = "4.1.0"; group = "measure"; unit = "%"; },
	{ point = "ups.power"; oid = "4.9.4.0"; group = "measure"; unit = "VA"; },
	{ point = "output.energy"; oid = "4.7.0"; group = "measure"; unit = "Wh"; },
	{ point = "output.protection"; oid = "4.10.0"; group = "measure"; values = "xups_protection"; },
	{ point = "device.part"; oid = "1.5.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.6.0"; group = "ident"; }
);

alarms = {
	count = "7.1.0";
	column = "7.2.1.2";
	codes = (
		{ oid = "7.3"; code = "ups.on_battery"; status = "OB"; },
		{ oid = "7.4"; code = "battery.low"; status = "LB"; },
		{ oid = "7.5"; code = ""; },
		{ oid = "7.6"; code = ""; },
		{ oid = "7.7"; code = "output.overload"; status = "OVER"; },
		{ oid = "7.8"; code = "ups.fault"; },
		{ oid = "7.9"; code = "battery.depleted"; status = "LB DEPLETED"; },
		{ oid = "7.10"; code = "ups.fault"; },
		{ oid = "7.11"; code = "ups.on_bypass"; status = "BYPASS"; },
		{ oid = "7.12"; code = "bypass.bad"; },
		{ oid = "7.13"; code = "output.off"; status = "OFF"; },
		{ oid = "7.14"; code = "input.bad"; },
		{ oid = "7.15"; code = "ups.minor"; },
		{ oid = "7.16"; code = "shutdown.imminent"; },
		{ oid = "7.17"; code = ""; },
		{ oid = "7.20"; code = "input.fuse"; },
		{ oid = "7.21"; code = ""; },
		{ oid = "7.22"; code = ""; },
		{ oid = "7.23"; code = "battery.bad"; status = "RB"; },
		{ oid = "7.24"; code = "output.off_requested"; },
		{ oid = "7.25"; code = "test.failed"; },
		{ oid = "7.26"; code = "comm.lost"; status = "COMMLOST"; },
		{ oid = "7.27"; code = "shutdown.pending"; },
		{ oid = "7.28"; code = "test.running"; status = "TEST"; },
		{ oid = "7.29"; code = "ups.temperature"; },
		{ oid = "7.30"; code = "ups.minor"; },
		{ oid = "7.31"; code = "ups.temperature"; },
		{ oid = "7.32"; code = "charger.failed"; },
		{ oid = "7.33"; code = "fan.failed"; },
		{ oid = "7.34"; code = "fuse.failed"; },
		{ oid = "7.35"; code = "ups.fault"; },
		{ oid = "7.36"; code = "rectifier.failed"; },
		{ oid = "7.37"; code = ""; },
		{ oid = "7.38"; code = "ups.minor"; },
		{ oid = "7.39"; code = "ups.minor"; },
		{ oid = "7.40"; code = "ups.temperature"; },
		{ oid = "7.41"; code = "ups.minor"; },
		{ oid = "7.42"; code = "output.bad"; },
		{ oid = "7.43"; code = "ups.awaiting_power"; },
		{ oid = "7.44"; code = "ups.on_bypass"; status = "BYPASS"; },
		{ oid = "7.51"; code = "ups.minor"; }
	);
};

derived = (
	{ point = "ups.load"; from = "output.power.percent"; how = "max"; group = "measure"; },
	{ point = "ups.load"; from = "ups.load"; how = "max"; group = "measure"; },
	{ point = "ups.realpower"; from = "output.realpower"; how = "sum"; group = "measure"; },
	{ point = "input.realpower"; from = "input.realpower"; how = "sum"; group = "measure"; },
	{ point = "input.frequency"; from = "input.frequency"; how = "first"; group = "measure"; }
);

# XUPS-MIB: xupsTestBattery, xupsTestBatteryStatus.
commands = (
	{ command = "test.battery.start.quick"; title = "Battery test";
	  set = ( { oid = "8.1.0"; value = 1; } ); readback = "8.2.0"; is = [ 4 ]; }
);
