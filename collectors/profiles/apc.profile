# SPDX-License-Identifier: Apache-2.0
# APC / Schneider UPS: network management cards and PowerChute agents. Values come from the objects of high precision where the UPS has
# them, else from the basic ones; -1 always means that it has none.
name = "apc";
title = "APC / Schneider UPS (PowerNet)";
transport = "snmp";
source = "PowerNet-MIB; networkupstools/nut drivers/apc-mib.c";
base = "rfc1628";
also = [ "apc_env" ];
priority = 5;
root = ".1.3.6.1.4.1.318.1.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "1.1.1.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "4.1.1.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "2.2.1.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.2"; },		# Smart-UPS
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.5"; },		# Symmetra
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.27"; },	# Smart-UPS X
	{ sysobjectid = ".1.3.6.1.4.1.318"; sysdescr = "PowerNet|PowerChute"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "fault"; status = "RB"; code = "battery.bad"; },
		{ value = 5; text = "absent"; code = "battery.disconnected"; } ); },
	# How the load is fed. Tests and economy modes are fed by mains; an emergency static bypass follows a fault.
	{ name = "output_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "normal"; status = "OL"; },
		{ value = 3; text = "battery"; status = "OB"; },
		{ value = 4; text = "booster"; status = "OL BOOST"; },
		{ value = 5; text = "sleeping until a timer"; status = "OFF"; },
		{ value = 6; text = "bypass, by software"; status = "OL BYPASS"; },
		{ value = 7; text = "none"; status = "OFF"; },
		{ value = 8; text = "rebooting"; status = "OFF"; },
		{ value = 9; text = "bypass, by switch"; status = "OL BYPASS"; },
		{ value = 10; text = "bypass, after a fault"; status = "OL BYPASS"; code = "ups.fault"; },
		{ value = 11; text = "sleeping until mains returns"; status = "OFF"; code = "ups.awaiting_power"; },
		{ value = 12; text = "reducer"; status = "OL TRIM"; },
		{ value = 13; text = "economy"; status = "OL ECO"; },
		{ value = 14; text = "hot standby"; status = "OL"; },
		{ value = 15; text = "battery test"; status = "OL TEST"; },
		{ value = 16; text = "bypass, emergency"; status = "OL BYPASS"; code = "ups.fault"; },
		{ value = 17; text = "bypass, on standby"; status = "OL BYPASS"; },
		{ value = 18; text = "power saving"; status = "OL ECO"; },
		{ value = 19; text = "spot mode"; status = "OL"; },
		{ value = 20; text = "e-conversion"; status = "OL ECO"; },
		{ value = 21; text = "charger spot mode"; status = "OL"; },
		{ value = 22; text = "inverter spot mode"; status = "OL"; },
		{ value = 23; text = "active load"; status = "OL"; },
		{ value = 24; text = "discharge spot mode"; status = "OL"; },
		{ value = 25; text = "inverter on standby"; status = "OL"; },
		{ value = 26; text = "charger only"; status = "OFF"; },
		{ value = 27; text = "feeding the grid"; status = "OL"; },
		{ value = 28; text = "self-test"; status = "OL TEST"; } ); },
	{ name = "charger"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "ok"; },
		{ value = 3; text = "fault"; code = "charger.failed"; },
		{ value = 4; text = "floating"; },
		{ value = 5; text = "charging"; },
		{ value = 6; text = "resting"; },
		{ value = 7; text = "off"; },
		{ value = 8; text = "equalising"; },
		{ value = 9; text = "testing"; },
		{ value = 10; text = "cyclic"; } ); },
	{ name = "fuse"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "ok"; },
		{ value = 3; text = "fault"; code = "battery.fuse"; } ); },
	{ name = "chemistry"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "VRLA"; },
		{ value = 3; text = "NiCd"; },
		{ value = 4; text = "Li-ion"; },
		{ value = 5; text = "none"; },
		{ value = 6; text = "flywheel"; },
		{ value = 7; text = "ultracapacitors"; } ); },
	{ name = "transfer_reason"; map = (
		{ value = 1; text = "none yet"; },
		{ value = 2; text = "voltage too high"; },
		{ value = 3; text = "brownout"; },
		{ value = 4; text = "blackout"; },
		{ value = 5; text = "small sag"; },
		{ value = 6; text = "deep sag"; },
		{ value = 7; text = "small spike"; },
		{ value = 8; text = "large spike"; },
		{ value = 9; text = "self-test"; },
		{ value = 10; text = "voltage changed too fast"; } ); },
	{ name = "test_result"; map = (
		{ value = 1; text = "passed"; },
		{ value = 2; text = "failed"; code = "test.failed"; },
		{ value = 3; text = "aborted"; },
		{ value = 4; text = "running"; } ); },
	{ name = "outlet_group"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; },
		{ value = 3; text = "rebooting"; },
		{ value = 4; text = "unknown"; },
		{ value = 5; text = "on after a delay"; },
		{ value = 6; text = "off after a delay"; },
		{ value = 7; text = "rebooting after a delay"; },
		{ value = 8; text = "unknown"; } ); },
	{ name = "outlet_command"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; },
		{ value = 3; text = "rebooting"; },
		{ value = 4; text = "on after a delay"; },
		{ value = 5; text = "off after a delay"; },
		{ value = 6; text = "rebooting after a delay"; },
		{ value = 7; text = "on"; },
		{ value = 8; text = "unknown"; },
		{ value = 9; text = "off until mains returns"; },
		{ value = 10; text = "off until mains returns, after a delay"; } ); },
	# upsBasicStateOutputState, characters from 1. What tells how the load is fed is in the output status already.
	{ name = "state_flags"; map = (
		{ value = 2; text = ""; code = "ups.on_battery"; },
		{ value = 3; text = ""; code = "battery.low"; status = "LB"; },
		{ value = 5; text = ""; code = "battery.bad"; status = "RB"; },
		{ value = 9; text = ""; code = "output.overload"; status = "OVER"; },
		{ value = 10; text = "calibrating"; status = "CAL"; },
		{ value = 11; text = ""; code = "battery.depleted"; status = "DEPLETED"; },
		{ value = 12; text = ""; code = "ups.on_bypass"; },
		{ value = 13; text = ""; code = "ups.on_bypass"; },
		{ value = 14; text = "bypass after a fault"; code = "ups.on_bypass"; },
		{ value = 15; text = "bypass for lack of supply"; code = "ups.on_bypass"; },
		{ value = 16; text = "bypass for a failed fan"; code = "ups.on_bypass"; },
		{ value = 17; text = "sleeping until a timer"; },
		{ value = 18; text = ""; code = "ups.awaiting_power"; },
		{ value = 20; text = "rebooting"; },
		{ value = 21; text = "contact to the battery lost"; },
		{ value = 22; text = ""; code = "shutdown.pending"; },
		{ value = 23; text = "boost or trim failed"; code = "ups.fault"; },
		{ value = 24; text = ""; code = "output.bad"; },
		{ value = 25; text = ""; code = "charger.failed"; },
		{ value = 26; text = ""; code = "battery.temperature"; },
		{ value = 27; text = ""; code = "battery.temperature"; },
		{ value = 28; text = ""; code = "battery.temperature"; },
		{ value = 29; text = ""; code = "test.running"; status = "TEST"; },
		{ value = 30; text = ""; code = "battery.low"; status = "LB"; },
		{ value = 31; text = "shutdown asked for by a device upstream"; code = "shutdown.pending"; },
		{ value = 32; text = "shutdown asked for by a device downstream"; code = "shutdown.pending"; },
		{ value = 33; text = ""; code = "battery.disconnected"; },
		{ value = 37; text = "DC imbalance of the inverter"; code = "ups.fault"; },
		{ value = 38; text = "transfer relay failed"; code = "ups.fault"; },
		{ value = 39; text = "cannot transfer to the bypass"; code = "bypass.bad"; },
		{ value = 40; text = ""; code = "shutdown.imminent"; },
		{ value = 41; text = ""; code = "fan.failed"; },
		{ value = 42; text = "main relay failed"; code = "ups.fault"; },
		{ value = 43; text = "bypass relay failed"; code = "bypass.bad"; },
		{ value = 44; text = "bypass for a while"; code = "ups.on_bypass"; },
		{ value = 45; text = ""; code = "ups.temperature"; },
		{ value = 46; text = "battery temperature sensor failed"; },
		{ value = 47; text = "input out of range for the bypass"; code = "bypass.bad"; },
		{ value = 48; text = "DC bus voltage too high"; code = "ups.fault"; },
		{ value = 49; text = "power factor correction failed"; code = "ups.fault"; },
		{ value = 50; text = "critical hardware fault"; code = "ups.fault"; },
		{ value = 51; text = ""; status = "ECO"; },
		{ value = 53; text = ""; code = "ups.emergency_off"; },
		{ value = 54; text = "load above its threshold"; },
		{ value = 55; text = "bypass phase fault"; code = "bypass.bad"; },
		{ value = 56; text = "parts of the UPS do not hear each other"; code = "ups.fault"; },
		{ value = 58; text = ""; code = "ups.off"; },
		{ value = 59; text = "standby"; },
		{ value = 60; text = "minor or environment alarm"; code = "ups.minor"; } ); },
	# upsBasicSystemState of larger systems: what is out of the ordinary.
	{ name = "abnormal_flags"; map = (
		{ value = 1; text = "power module failed"; code = "rectifier.failed"; },
		{ value = 2; text = "main intelligence module failed"; code = "ups.fault"; },
		{ value = 3; text = "redundant intelligence module failed"; code = "ups.minor"; },
		{ value = 4; text = "battery failed"; code = "battery.bad"; },
		{ value = 5; text = "load above its threshold"; code = "ups.minor"; },
		{ value = 6; text = "redundancy lost"; code = "ups.minor"; },
		{ value = 7; text = "redundancy below its threshold"; code = "ups.minor"; },
		{ value = 8; text = "bypass out of range"; code = "bypass.bad"; },
		{ value = 9; text = "bypass contactor stuck on bypass"; code = "bypass.bad"; },
		{ value = 10; text = "bypass contactor stuck on battery"; code = "bypass.bad"; },
		{ value = 11; text = "bypass failed"; code = "bypass.bad"; },
		{ value = 12; text = "bypass overloaded"; code = "output.overload"; },
		{ value = 13; text = "maintenance bypass"; code = "ups.on_bypass"; },
		{ value = 14; text = "input breaker open"; code = "input.fuse"; },
		{ value = 15; text = "system fan failed"; code = "fan.failed"; },
		{ value = 16; text = "redundant fan failed"; code = "fan.failed"; },
		{ value = 17; text = "intelligence modules differ"; code = "ups.minor"; },
		{ value = 18; text = "no power modules"; code = "rectifier.several_failed"; },
		{ value = 19; text = "power modules differ"; code = "ups.minor"; },
		{ value = 20; text = "runtime below its threshold"; code = "ups.minor"; },
		{ value = 21; text = "runtime below the alarm limit"; code = "ups.minor"; },
		{ value = 22; text = "output out of range"; code = "output.bad"; },
		{ value = 23; text = "not in step with the bypass"; code = "bypass.bad"; },
		{ value = 24; text = "no batteries"; code = "battery.disconnected"; },
		{ value = 25; text = "battery voltage too high"; code = "charger.failed"; },
		{ value = 26; text = "outputs of parallel units differ"; code = "ups.minor"; },
		{ value = 27; text = "site wiring wrong"; code = "ups.major"; },
		{ value = 28; text = "backfeed protection tripped"; code = "bypass.bad"; },
		{ value = 29; text = "emergency power off"; code = "ups.emergency_off"; },
		{ value = 30; text = "not enough units in parallel"; code = "ups.minor"; },
		{ value = 31; text = "overload or short circuit"; code = "output.overload"; },
		{ value = 32; text = "ambient temperature"; code = "ups.temperature"; } ); }
);

# Input 1 is mains, input 2 the bypass; the second column of the index is always 1. Orientation: 2 single, 3 split, 4 line to neutral,
# 5 line to line.
tables = (
	# External packs and their cartridges as strings and blocks.
	{ name = "apc_packs"; cell = "s{1}.b{2}"; },
	{ name = "apc_input"; index = 3; number = 3; where = [ 1, 1 ]; min_rows = 2; label = "9.2.2.1.3"; },
	{ name = "apc_input_ll"; index = 3; number = 3; where = [ 1, 1 ]; min_rows = 2; label = "9.2.2.1.3"; },
	{ name = "apc_bypass"; index = 3; number = 3; where = [ 1, 2 ]; min_rows = 2; label = "9.2.2.1.3"; },
	{ name = "apc_output"; index = 3; number = 3; where = [ 1, 1 ]; min_rows = 2; label = "9.3.2.1.3"; },
	{ name = "outlet_groups"; max_rows = 16; }
);

points = (
	{ point = "battery.status"; oid = "2.1.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.1.2.0"; group = "status"; unit = "s"; scale = 0.01; },
	{ point = "battery.runtime"; oid = "2.2.3.0"; group = "status"; unit = "s"; scale = 0.01; },
	{ point = "battery.charge"; oid = "2.3.1.0"; group = "status"; unit = "%"; scale = 0.1; },
	{ point = "battery.charge"; oid = "2.2.1.0"; group = "status"; unit = "%"; instead = true; },
	{ point = "battery.replace"; oid = "2.2.4.0"; group = "status"; true_when = [ 2 ]; status = "RB"; },
	{ point = "output.source"; oid = "4.1.1.0"; group = "status"; values = "output_status"; },
	{ point = "ups.comm.status"; oid = "8.1.0"; group = "status"; true_when = [ 1 ]; status_false = "COMMLOST"; },
	{ point = "ups.alarm"; oid = "11.1.1.0"; group = "status"; bits = "state_flags"; },
	{ point = "ups.alarm.detail"; oid = "11.2.1.0"; group = "status"; bits = "abnormal_flags"; },

	# battery
	{ point = "battery.block.temperature"; column = "2.3.10.2.1.5"; table = "apc_packs"; group = "cells"; unit = "°C"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "2.3.13.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ups.temperature"; oid = "2.3.2.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ups.temperature"; oid = "2.2.2.0"; group = "measure"; unit = "°C"; instead = true; },
	{ point = "ups.temperature"; oid = "4.1.4.0"; group = "measure"; unit = "°C"; instead = true; },
	{ point = "battery.voltage"; oid = "2.3.4.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.voltage"; oid = "2.2.8.0"; group = "measure"; unit = "V"; instead = true; },
	{ point = "battery.voltage.nominal"; oid = "2.2.7.0"; group = "ident"; unit = "V"; },
	{ point = "battery.current"; oid = "2.3.5.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.2.9.0"; group = "measure"; unit = "A"; instead = true; },
	{ point = "battery.current"; oid = "2.3.6.0"; group = "measure"; unit = "A"; scale = 0.1; instead = true; },
	{ point = "battery.packs"; oid = "2.2.5.0"; group = "measure"; },
	{ point = "battery.packs.bad"; oid = "2.2.6.0"; group = "measure"; },
	{ point = "battery.charger.status"; oid = "2.2.17.0"; group = "measure"; values = "charger"; },
	{ point = "battery.fuse.status"; oid = "2.2.26.0"; group = "measure"; values = "fuse"; },
	{ point = "battery.date"; oid = "2.1.3.0"; group = "ident"; },
	{ point = "battery.date.replace"; oid = "2.2.21.0"; group = "ident"; },
	{ point = "battery.type"; oid = "1.2.8.0"; group = "ident"; values = "chemistry"; },
	# not read: E.318.1.1.1.2.1.3.0, 2.2.21.0 as runtime - dates, published as texts; days since then change by themselves

	# input; phases of large systems first
	{ point = "input.phases"; oid = "9.2.2.1.2.1"; group = "ident"; },
	{ point = "input.phases"; oid = "3.1.1.0"; group = "ident"; instead = true; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "9.2.3.1.3"; table = "apc_input"; label = "^[1-4]$"; group = "measure"; unit = "V"; },
	{ point = "input.voltage"; lines = "input.{ll}.voltage"; column = "9.2.3.1.3"; table = "apc_input"; label = "^5$"; group = "measure"; unit = "V"; },
	{ point = "input.voltage"; oid = "3.3.1.0"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "input.voltage"; oid = "3.2.1.0"; group = "measure"; unit = "V"; instead = true; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "9.2.3.1.3"; table = "apc_input_ll"; group = "measure"; unit = "V"; instead = true; },
	{ point = "input.voltage.maximum"; oid = "3.3.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.maximum"; oid = "3.2.2.0"; group = "measure"; unit = "V"; instead = true; },
	{ point = "input.voltage.minimum"; oid = "3.3.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.minimum"; oid = "3.2.3.0"; group = "measure"; unit = "V"; instead = true; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "9.2.3.1.6"; table = "apc_input"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.realpower"; lines = "input.L{i}.realpower"; column = "9.2.3.1.9"; table = "apc_input"; group = "measure"; unit = "W"; },
	{ point = "input.powerfactor"; lines = "input.L{i}.powerfactor"; column = "9.2.3.1.13"; table = "apc_input"; group = "measure"; scale = 0.01; },
	{ point = "input.frequency"; oid = "3.3.4.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.frequency"; oid = "3.2.4.0"; group = "measure"; unit = "Hz"; instead = true; },
	{ point = "input.frequency"; oid = "9.2.2.1.4.1"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },
	{ point = "input.transfer.reason"; oid = "3.2.5.0"; group = "measure"; values = "transfer_reason"; },
	{ point = "input.transfer.high"; oid = "5.2.2.0"; group = "ident"; unit = "V"; },
	{ point = "input.transfer.low"; oid = "5.2.3.0"; group = "ident"; unit = "V"; },

	# bypass
	{ point = "input.bypass.voltage"; lines = "input.bypass.L{i}-N.voltage"; column = "9.2.3.1.3"; table = "apc_bypass"; label = "^[1-4]$"; group = "measure"; unit = "V"; },
	{ point = "input.bypass.voltage"; lines = "input.bypass.{ll}.voltage"; column = "9.2.3.1.3"; table = "apc_bypass"; label = "^5$"; group = "measure"; unit = "V"; },
	{ point = "input.bypass.voltage"; oid = "3.3.6.0"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "input.bypass.current"; lines = "input.bypass.L{i}.current"; column = "9.2.3.1.6"; table = "apc_bypass"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.bypass.realpower"; lines = "input.bypass.L{i}.realpower"; column = "9.2.3.1.9"; table = "apc_bypass"; group = "measure"; unit = "W"; },
	{ point = "input.bypass.frequency"; oid = "3.3.7.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.frequency"; oid = "9.2.2.1.4.2"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },

	# output
	{ point = "output.phases"; oid = "9.3.2.1.2.1"; group = "ident"; },
	{ point = "output.phases"; oid = "4.1.2.0"; group = "ident"; instead = true; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "9.3.3.1.3"; table = "apc_output"; label = "^[1-4]$"; group = "measure"; unit = "V"; },
	{ point = "output.voltage"; lines = "output.{ll}.voltage"; column = "9.3.3.1.3"; table = "apc_output"; label = "^5$"; group = "measure"; unit = "V"; },
	{ point = "output.voltage"; oid = "4.3.1.0"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "output.voltage"; oid = "4.2.1.0"; group = "measure"; unit = "V"; instead = true; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "9.3.3.1.4"; table = "apc_output"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.current"; oid = "4.3.4.0"; group = "measure"; unit = "A"; scale = 0.1; instead = true; },
	{ point = "output.current"; oid = "4.2.4.0"; group = "measure"; unit = "A"; instead = true; },
	{ point = "output.power"; lines = "output.L{i}.power"; column = "9.3.3.1.7"; table = "apc_output"; group = "measure"; unit = "VA"; },
	{ point = "output.power.percent"; lines = "output.L{i}.power.percent"; column = "9.3.3.1.10"; table = "apc_output"; group = "measure"; unit = "%"; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "9.3.3.1.13"; table = "apc_output"; group = "measure"; unit = "W"; },
	{ point = "output.realpower"; oid = "4.2.8.0"; group = "measure"; unit = "W"; instead = true; },
	{ point = "output.powerfactor"; lines = "output.L{i}.powerfactor"; column = "9.3.3.1.19"; table = "apc_output"; group = "measure"; scale = 0.01; },
	{ point = "output.frequency"; oid = "4.3.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.frequency"; oid = "4.2.2.0"; group = "measure"; unit = "Hz"; instead = true; },
	{ point = "output.frequency"; oid = "9.3.2.1.4.1"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },
	{ point = "ups.load"; oid = "4.3.3.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ups.load"; oid = "4.2.3.0"; group = "measure"; unit = "%"; instead = true; },
	{ point = "ups.power"; oid = "4.2.9.0"; group = "measure"; unit = "VA"; },
	{ point = "ups.redundancy"; oid = "4.2.5.0"; group = "measure"; },
	{ point = "ups.efficiency"; oid = "4.3.5.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.energy"; oid = "4.3.6.0"; group = "measure"; unit = "Wh"; scale = 10; },
	{ point = "output.voltage.nominal"; oid = "5.2.1.0"; group = "ident"; unit = "V"; },
	{ point = "battery.runtime.low"; oid = "5.2.8.0"; group = "ident"; unit = "s"; scale = 0.01; },
	{ point = "outlet.{i}.name"; column = "12.1.2.1.2"; table = "outlet_groups"; group = "ident"; },
	{ point = "outlet.{i}.status"; column = "12.1.2.1.3"; table = "outlet_groups"; group = "measure"; values = "outlet_group"; },
	{ point = "outlet.{i}.status"; column = "12.3.2.1.3"; table = "outlet_groups"; group = "measure"; values = "outlet_command"; instead = true; },
	{ point = "ups.test.result"; oid = "7.2.3.0"; group = "measure"; values = "test_result"; },
	{ point = "ups.test.date"; oid = "7.2.4.0"; group = "ident"; },

	# identity
	{ point = "device.model"; oid = "1.1.1.0"; group = "ident"; },
	{ point = "ups.id"; oid = "1.1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.2.1.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.2.3.0"; group = "ident"; },
	{ point = "device.part"; oid = "1.2.5.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = ".1.3.6.1.4.1.318.1.4.2.4.1.4.1"; group = "ident"; }
);

derived = (
	{ point = "ups.load"; from = "output.power.percent"; how = "max"; group = "measure"; },
	{ point = "ups.realpower"; from = "output.realpower"; how = "sum"; group = "measure"; },
	{ point = "ups.power"; from = "output.power"; how = "sum"; group = "measure"; },
	{ point = "input.realpower"; from = "input.realpower"; how = "sum"; group = "measure"; },
	{ point = "input.frequency"; from = "input.frequency"; how = "first"; group = "measure"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; except = [ "ups.timer.*" ]; values = [ -1 ]; why = "-1 is APC's word for not supported"; },
	{ kind = "negative-unknown"; points = [ "ups.efficiency" ]; why = "values below zero are reasons why there is none"; }
);
# not read: 2.5 to 2.8, cabinets, strings, blocks and cells of large Symmetra - the MIB states neither index nor unit of their voltages

# PowerNet-MIB: upsAdvTestDiagnostics, upsAdvTestRuntimeCalibration, upsAdvConfigAlarm, upsOutletGroupControlCommand.
# not offered: switching of outlet groups (12.3.2.1.3): no source at hand tells which number switches off
commands = (
	{ command = "test.battery.start.quick"; title = "Self-test"; needs = "ups.test.result";
	  set = ( { oid = "7.2.2.0"; value = 2; } ); readback = "7.2.3.0"; is = [ 4 ]; },
	{ command = "test.battery.start.deep"; title = "Runtime calibration"; needs = "ups.test.result"; danger = true;
	  set = ( { oid = "7.2.5.0"; value = 2; } ); readback = "7.2.6.0"; is = [ 3 ]; failed = [ 2 ]; },
	{ command = "test.battery.stop"; title = "Abort the runtime calibration"; needs = "ups.test.result";
	  set = ( { oid = "7.2.5.0"; value = 3; } ); readback = "7.2.6.0"; is = [ 1, 2 ]; failed = [ 3 ]; },
	{ command = "beeper.enable"; title = "Beeper on"; needs = "battery.charge";
	  set = ( { oid = "5.2.4.0"; value = 1; } ); readback = "5.2.4.0"; is = [ 1 ]; },
	{ command = "beeper.disable"; title = "Beeper off"; needs = "battery.charge";
	  set = ( { oid = "5.2.4.0"; value = 3; } ); readback = "5.2.4.0"; is = [ 3 ]; },
	{ command = "beeper.mute"; title = "Mute the beeper until the next alarm"; needs = "battery.charge";
	  set = ( { oid = "5.2.4.0"; value = 4; } ); readback = "5.2.4.0"; is = [ 4 ]; }
);
