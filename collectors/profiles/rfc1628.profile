# SPDX-License-Identifier: Apache-2.0
# The standard UPS MIB, complete. Vendor profiles name it as their base and add what it lacks. Format: README.md.
name = "rfc1628";
title = "RFC 1628 UPS-MIB";
transport = "snmp";
source = "RFC 1628";
priority = 0;
root = ".1.3.6.1.2.1.33.1";

detect = (
	{ sysobjectid = ".1.3.6.1.2.1.33.2"; },		# GE VH cards
	{ sysobjectid = ".1.3.6.1.4.1.818.1.100.1.1"; },	# GE Digital Energy
	# Anything else that answers; cards differ in which of these they leave out.
	{ probe = "2.1.0"; },
	{ probe = "4.1.0"; },
	{ probe = "1.2.0"; },
	{ probe = "4.4.1.2.1"; },
	{ probe = "4.4.1.2.1.0"; }
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
		{ value = 6; text = "none"; } ); },
	{ name = "shutdown_type"; map = (
		{ value = 1; text = "output"; },
		{ value = 2; text = "system"; } ); },
	{ name = "auto_restart"; map = (
		{ value = 1; text = "yes"; },
		{ value = 2; text = "no"; } ); },
	{ name = "audible"; map = (
		{ value = 1; text = "disabled"; },
		{ value = 2; text = "enabled"; },
		{ value = 3; text = "muted"; } ); }
);

# Cards of single-phase devices often hold three rows (Riello NetMan, CET TSI: rows 2 and 3 all zero; Delta Mini-SNMP: NULL).
tables = (
	{ name = "input"; count = "3.2.0"; max_rows = 3; drop_zero_rows = true; like = "output"; },
	{ name = "output"; count = "4.3.0"; max_rows = 3; drop_zero_rows = true; },
	{ name = "bypass"; count = "5.2.0"; max_rows = 3; drop_zero_rows = true; like = "output"; }
);

points = (
	# 2 and 4: what decides, every two seconds
	{ point = "battery.status"; oid = "2.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.2.0"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; oid = "2.3.0"; group = "status"; unit = "s"; scale = 60; },	# minutes in the MIB
	{ point = "battery.charge"; oid = "2.4.0"; group = "status"; unit = "%"; },
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; },
	{ point = "ups.alarm.count"; oid = "6.1.0"; group = "status"; },

	# 2 battery. The RFC does not define the sign of the current.
	{ point = "battery.voltage"; oid = "2.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.6.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "2.7.0"; group = "measure"; unit = "°C"; },

	# 3 input
	{ point = "input.quality"; oid = "3.1.0"; group = "measure"; },
	{ point = "input.phases"; oid = "3.2.0"; group = "ident"; },
	{ point = "input.frequency"; lines = "input.L{i}.frequency"; column = "3.3.1.2"; table = "input"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "3.3.1.3"; table = "input"; group = "measure"; unit = "V"; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "3.3.1.4"; table = "input"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.realpower"; lines = "input.L{i}.realpower"; column = "3.3.1.5"; table = "input"; group = "measure"; unit = "W"; },

	# 4 output
	{ point = "output.frequency"; oid = "4.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.phases"; oid = "4.3.0"; group = "ident"; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "4.4.1.2"; table = "output"; group = "measure"; unit = "V"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "4.4.1.3"; table = "output"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "4.4.1.4"; table = "output"; group = "measure"; unit = "W"; },
	{ point = "ups.load"; lines = "output.L{i}.power.percent"; column = "4.4.1.5"; table = "output"; group = "measure"; unit = "%"; },

	# 5 bypass
	{ point = "input.bypass.frequency"; oid = "5.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.phases"; oid = "5.2.0"; group = "ident"; },
	{ point = "input.bypass.voltage"; lines = "input.bypass.L{i}-N.voltage"; column = "5.3.1.2"; table = "bypass"; group = "measure"; unit = "V"; },
	{ point = "input.bypass.current"; lines = "input.bypass.L{i}.current"; column = "5.3.1.3"; table = "bypass"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.bypass.realpower"; lines = "input.bypass.L{i}.realpower"; column = "5.3.1.4"; table = "bypass"; group = "measure"; unit = "W"; },

	# 7 test
	{ point = "ups.test.result"; oid = "7.3.0"; group = "measure"; values = "test_result"; },
	{ point = "ups.test.detail"; oid = "7.4.0"; group = "ident"; },
	{ point = "ups.test.elapsed"; oid = "7.6.0"; group = "ident"; unit = "s"; scale = 0.01; },

	# 8 control, read only; -1 means that no countdown runs
	{ point = "ups.shutdown.type"; oid = "8.1.0"; group = "ident"; values = "shutdown_type"; },
	{ point = "ups.timer.shutdown"; oid = "8.2.0"; group = "measure"; unit = "s"; },
	{ point = "ups.timer.start"; oid = "8.3.0"; group = "measure"; unit = "s"; },
	{ point = "ups.timer.reboot"; oid = "8.4.0"; group = "measure"; unit = "s"; },
	{ point = "ups.start.auto"; oid = "8.5.0"; group = "ident"; values = "auto_restart"; },

	# 1 identity
	{ point = "device.mfr"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.4.0"; group = "ident"; },
	{ point = "ups.id"; oid = "1.5.0"; group = "ident"; },
	{ point = "device.attached"; oid = "1.6.0"; group = "ident"; },

	# 9 ratings and settings
	{ point = "input.voltage.nominal"; oid = "9.1.0"; group = "ident"; unit = "V"; },
	{ point = "input.frequency.nominal"; oid = "9.2.0"; group = "ident"; unit = "Hz"; scale = 0.1; },
	{ point = "output.voltage.nominal"; oid = "9.3.0"; group = "ident"; unit = "V"; },
	{ point = "output.frequency.nominal"; oid = "9.4.0"; group = "ident"; unit = "Hz"; scale = 0.1; },
	{ point = "ups.power.nominal"; oid = "9.5.0"; group = "ident"; unit = "VA"; },
	{ point = "ups.realpower.nominal"; oid = "9.6.0"; group = "ident"; unit = "W"; },
	{ point = "battery.runtime.low"; oid = "9.7.0"; group = "ident"; unit = "s"; scale = 60; },
	{ point = "ups.beeper.status"; oid = "9.8.0"; group = "ident"; values = "audible"; },
	{ point = "input.transfer.low"; oid = "9.9.0"; group = "ident"; unit = "V"; },
	{ point = "input.transfer.high"; oid = "9.10.0"; group = "ident"; unit = "V"; },

	# MIB-2 system group
	{ point = "device.description"; oid = ".1.3.6.1.2.1.1.1.0"; group = "ident"; source = "RFC 3418 sysDescr"; },
	{ point = "device.contact"; oid = ".1.3.6.1.2.1.1.4.0"; group = "ident"; source = "RFC 3418 sysContact"; },
	{ point = "device.name"; oid = ".1.3.6.1.2.1.1.5.0"; group = "ident"; source = "RFC 3418 sysName"; },
	{ point = "device.location"; oid = ".1.3.6.1.2.1.1.6.0"; group = "ident"; source = "RFC 3418 sysLocation"; },
	{ point = "device.uptime"; oid = ".1.3.6.1.2.1.1.3.0"; group = "measure"; unit = "s"; scale = 0.01; source = "RFC 3418 sysUpTime"; }
);

# Section 4 of the RFC, upsWellKnownAlarms. `status` serves where no output source or battery status tells.
alarms = {
	count = "6.1.0";
	column = "6.2.1.2";
	codes = (
		{ oid = "6.3.1"; code = "battery.bad"; status = "RB"; },
		{ oid = "6.3.2"; code = "ups.on_battery"; status = "OB"; },
		{ oid = "6.3.3"; code = "battery.low"; status = "LB"; },
		{ oid = "6.3.4"; code = "battery.depleted"; status = "LB DEPLETED"; },
		{ oid = "6.3.5"; code = "ups.temperature"; },
		{ oid = "6.3.6"; code = "input.bad"; },
		{ oid = "6.3.7"; code = "output.bad"; },
		{ oid = "6.3.8"; code = "output.overload"; status = "OVER"; },
		{ oid = "6.3.9"; code = "ups.on_bypass"; status = "BYPASS"; },
		{ oid = "6.3.10"; code = "bypass.bad"; },
		{ oid = "6.3.11"; code = "output.off_requested"; },
		{ oid = "6.3.12"; code = "ups.off_requested"; },
		{ oid = "6.3.13"; code = "charger.failed"; },
		{ oid = "6.3.14"; code = "output.off"; status = "OFF"; },
		{ oid = "6.3.15"; code = "ups.off"; status = "OFF"; },
		{ oid = "6.3.16"; code = "fan.failed"; },
		{ oid = "6.3.17"; code = "fuse.failed"; },
		{ oid = "6.3.18"; code = "ups.fault"; },
		{ oid = "6.3.19"; code = "test.failed"; },
		{ oid = "6.3.20"; code = "comm.lost"; status = "COMMLOST"; },
		{ oid = "6.3.21"; code = "ups.awaiting_power"; },
		{ oid = "6.3.22"; code = "shutdown.pending"; },
		{ oid = "6.3.23"; code = "shutdown.imminent"; },
		{ oid = "6.3.24"; code = "test.running"; status = "TEST"; }
	);
};

# Where the device has lines only, or no total of its own.
derived = (
	{ point = "ups.load"; from = "ups.load"; how = "max"; group = "measure"; },
	{ point = "ups.realpower"; from = "output.realpower"; how = "sum"; group = "measure"; },
	{ point = "input.realpower"; from = "input.realpower"; how = "sum"; group = "measure"; },
	{ point = "input.frequency"; from = "input.frequency"; how = "first"; group = "measure"; }
);

# Order matters: what is no number at all goes first, then wrong scales, then what only other values can tell.
quirks = (
	{ kind = "sentinel"; points = [ "battery.*", "input.*", "output.*", "ups.load", "ups.timer.*", "ups.power.nominal", "ups.realpower.nominal" ];
	  except = [ "input.quality" ]; values = [ 65535L, 655350L, 4294967295L, 2147483647L ];
	  why = "Socomec Net Vision and Huawei UPS2000 write all ones for what they do not know"; },
	{ kind = "negative-unknown"; points = [ "input.current", "output.current", "input.bypass.current", "*.voltage", "*.frequency",
		"ups.load", "battery.runtime", "battery.charge", "battery.time.onbattery", "ups.alarm.count", "*.nominal" ];
	  why = "Riello NetMan writes -1 for lines that do not exist; true power may be a little negative and battery current is signed"; },
	{ kind = "below-unknown"; points = [ "battery.temperature" ]; limit = -50;
	  why = "Tripp Lite PowerAlert writes -273 without a sensor"; },
	{ kind = "unset-until-seen"; points = [ "battery.temperature" ]; values = [ 0 ];
	  when = { sysobjectid = [ ".1.3.6.1.4.1.705", ".1.3.6.1.4.1.534", ".1.3.6.1.4.1.8072.3.2.10", ".1.3.6.1.4.1.12551" ]; };
	  why = "Eaton 5PX/9PX, ABB and CET TSI write 0 without a sensor"; },
	{ kind = "unset-until-seen"; points = [ "battery.current" ]; values = [ -1 ];
	  why = "-1 is Riello's and APC's word for not supported; a real current of -0.1 A changes some time"; },
	{ kind = "scale"; points = [ "battery.runtime" ]; factor = 0.016666667;
	  when = { sysobjectid = [ ".1.3.6.1.4.1.14988" ]; point = "ups.firmware.aux"; below_version = "6.47"; };
	  why = "MikroTik RouterOS before 6.47 writes seconds where the MIB has minutes"; },
	{ kind = "scale"; points = [ "*.current", "*.frequency" ]; factor = 10;
	  when = { sysobjectid = [ ".1.3.6.1.4.1.850.1" ]; point = "ups.firmware.aux"; from_version = "12.04.0056"; below_version = "12.06.0068"; };
	  why = "Tripp Lite PowerAlert cards of these versions count whole amperes and hertz"; },
	{ kind = "scale"; points = [ "ups.load" ]; factor = 0.1;
	  when = { sysobjectid = [ ".1.3.6.1.4.1.850.1" ]; point = "ups.firmware.aux"; from_version = "12.06.0064"; below_version = "12.06.0065"; };
	  why = "Tripp Lite PowerAlert 12.06.0064 counts the load in tenths of a percent"; },
	{ kind = "divide-if-above"; points = [ "input.voltage" ]; limit = 1000; factor = 10; with = [ "input.frequency" ]; min = 45; max = 65;
	  why = "Delta, MGE Galaxy and Alpha CXC count tenths of a volt; Alpha at the input only"; },
	{ kind = "divide-if-above"; points = [ "output.voltage" ]; limit = 1000; factor = 10; with = [ "output.frequency" ]; min = 45; max = 65;
	  why = "Delta and MGE Galaxy count tenths of a volt"; },
	{ kind = "divide-if-above"; points = [ "input.bypass.voltage" ]; limit = 1000; factor = 10; with = [ "input.bypass.frequency" ]; min = 45; max = 65;
	  why = "Delta and MGE Galaxy count tenths of a volt"; },
	{ kind = "divide-if-above"; points = [ "input.frequency", "output.frequency", "input.bypass.frequency" ]; limit = 100; factor = 10;
	  why = "Huawei other than UPS2000 counts hundredths of a hertz"; },
	{ kind = "power-check"; points = [ "output.realpower" ]; voltage = "output.voltage"; current = "output.current";
	  why = "Huawei UPS2000 counts kilowatts: 1 at 230 V and 7.2 A"; },
	{ kind = "zero-unknown-when"; points = [ "output.realpower" ]; with = [ "ups.load" ]; min = 5;
	  why = "ABB and PowerWalker write 0 W at any load"; },
	{ kind = "zero-unknown-when"; points = [ "input.realpower", "input.current" ]; with = [ "output.realpower", "output.current" ]; min = 0.1;
	  when = { sysobjectid = [ ".1.3.6.1.4.1.705", ".1.3.6.1.4.1.534", ".1.3.6.1.4.1.5491", ".1.3.6.1.4.1.8072.3.2.10" ]; };
	  why = "Eaton, Riello NetMan, Orvaldi and PowerWalker do not measure what they take and write 0"; },
	{ kind = "zero-unknown-when"; points = [ "battery.runtime" ]; with = [ "battery.charge" ]; min = 90; not_status = "OB";
	  why = "Marathon writes 0 minutes with a full battery; the RFC's least value is 1, and this must never look like an empty battery"; }
);

# The test to run is named by an OID. Only "in progress" shows that it was taken: any other result may be that of the test before.
commands = (
	{ command = "test.battery.start.quick"; title = "Quick battery test"; needs = "ups.test.result"; spinlock = "7.2.0";
	  set = ( { oid = "7.1.0"; object = "7.7.4"; } ); readback = "7.3.0"; is = [ 5 ]; },
	{ command = "test.battery.start.deep"; title = "Deep battery calibration"; needs = "ups.test.result"; spinlock = "7.2.0"; danger = true;
	  set = ( { oid = "7.1.0"; object = "7.7.5"; } ); readback = "7.3.0"; is = [ 5 ]; },
	{ command = "test.system.start"; title = "General systems test"; needs = "ups.test.result"; spinlock = "7.2.0";
	  set = ( { oid = "7.1.0"; object = "7.7.3"; } ); readback = "7.3.0"; is = [ 5 ]; },
	{ command = "test.battery.stop"; title = "Abort the test that runs"; needs = "ups.test.result"; spinlock = "7.2.0";
	  set = ( { oid = "7.1.0"; object = "7.7.2"; } ); readback = "7.3.0"; is = [ 1, 2, 3, 4, 6 ]; failed = [ 5 ]; },
	{ command = "beeper.disable"; title = "Beeper off"; needs = "ups.beeper.status";
	  set = ( { oid = "9.8.0"; value = 1; } ); readback = "9.8.0"; is = [ 1 ]; },
	{ command = "beeper.enable"; title = "Beeper on"; needs = "ups.beeper.status";
	  set = ( { oid = "9.8.0"; value = 2; } ); readback = "9.8.0"; is = [ 2 ]; },
	{ command = "beeper.mute"; title = "Mute the beeper until the next alarm"; needs = "ups.beeper.status";
	  set = ( { oid = "9.8.0"; value = 3; } ); readback = "9.8.0"; is = [ 3 ]; }
);
