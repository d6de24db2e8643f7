# SPDX-License-Identifier: Apache-2.0
# CyberPower cards: an APC-shaped tree, sensors of two generations, and a battery manager that tells every block.
name = "cyberpower";
title = "CyberPower RMCARD";
transport = "snmp";
source = "CPS-MIB; NUT cyberpower-mib; LibreNMS cyberpower sensors; recorded walks of two UPSs";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.3808.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.3808"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "absent"; } ); },
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "normal"; status = "OL"; },
		{ value = 3; text = "battery"; status = "OB"; },
		{ value = 4; text = "booster"; status = "OL BOOST"; },
		{ value = 5; text = "none"; status = "OFF"; },
		{ value = 6; text = "none"; status = "OFF"; },
		{ value = 7; text = "none"; status = "OFF"; },
		{ value = 8; text = "normal"; status = "OL ECO"; },
		{ value = 9; text = "bypass"; status = "OL BYPASS"; },
		{ value = 10; text = "reducer"; status = "OL TRIM"; },
		{ value = 11; text = "normal"; status = "OL OVER"; } ); },
	{ name = "transfer_reason"; map = (
		{ value = 1; text = "none"; },
		{ value = 2; text = "high voltage"; },
		{ value = 3; text = "brownout"; },
		{ value = 4; text = "self-test"; } ); },
	{ name = "input_status"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "voltage high"; },
		{ value = 3; text = "voltage low"; },
		{ value = 4; text = "frequency failed"; },
		{ value = 5; text = "blackout"; } ); },
	{ name = "test_result"; map = (
		{ value = 1; text = "passed"; },
		{ value = 2; text = "failed"; },
		{ value = 3; text = "aborted"; },
		{ value = 4; text = "running"; } ); },
	{ name = "contact"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "critical"; } ); }
);

units = (
	{ name = "degrees"; map = (
		{ text = ""; scale = 1; },
		{ text = "1"; scale = 1; },
		{ text = "2"; scale = 0.555555556; offset = -17.777777778; } ); }
);

tables = (
	{ name = "contacts"; max_rows = 16; },
	{ name = "sensors"; max_rows = 32; },
	{ name = "sensor_humidity"; max_rows = 32; },
	{ name = "sensor_contacts"; max_rows = 64; },
	# Battery manager: up to 16 strings and 960 blocks; a row tells its string and its number in it.
	{ name = "block_voltages"; cell = "s{1}.b{2}"; string = "7.5.5.1.3"; block = "7.5.5.1.4"; },
	{ name = "block_temperatures"; cell = "s{1}.b{2}"; string = "7.5.7.1.3"; block = "7.5.7.1.4"; },
	{ name = "block_resistances"; cell = "s{1}.b{2}"; string = "7.5.9.1.3"; block = "7.5.9.1.4"; }
);

points = (
	{ point = "battery.status"; oid = "1.2.1.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "1.2.1.2.0"; group = "status"; unit = "s"; scale = 0.01; },
	{ point = "battery.runtime"; oid = "1.2.2.4.0"; group = "status"; unit = "s"; scale = 0.01; },
	{ point = "battery.charge"; oid = "1.2.2.1.0"; group = "status"; unit = "%"; },
	{ point = "output.source"; oid = "1.4.1.1.0"; group = "status"; values = "output_source"; },
	{ point = "battery.replace"; oid = "1.2.2.5.0"; group = "measure"; true_when = [ 2 ]; },
	{ point = "battery.voltage"; oid = "1.2.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "1.2.2.3.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.current"; oid = "1.2.2.7.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.voltage.nominal"; oid = "1.2.2.8.0"; group = "ident"; unit = "V"; },
	{ point = "battery.date"; oid = "1.2.1.3.0"; group = "ident"; },
	{ point = "input.voltage"; oid = "1.3.2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage"; oid = "3.2.3.1.1.6.1"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "input.current"; oid = "3.2.3.1.1.2.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.voltage.maximum"; oid = "1.3.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.minimum"; oid = "1.3.2.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.frequency"; oid = "1.3.2.4.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.transfer.reason"; oid = "1.3.2.5.0"; group = "measure"; values = "transfer_reason"; },
	{ point = "input.status"; oid = "1.3.2.6.0"; group = "measure"; values = "input_status"; },
	{ point = "output.voltage"; oid = "1.4.2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.frequency"; oid = "1.4.2.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "ups.load"; oid = "1.4.2.3.0"; group = "measure"; unit = "%"; },
	{ point = "output.current"; oid = "1.4.2.4.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.realpower"; oid = "1.4.2.5.0"; group = "measure"; unit = "W"; },
	{ point = "ups.temperature"; oid = "1.10.2.0"; group = "measure"; unit = "°C"; },
	{ point = "ups.test.result"; oid = "1.7.2.3.0"; group = "measure"; values = "test_result"; },
	{ point = "ambient.temperature"; oid = "4.2.6.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.temperature"; oid = "4.2.1.0"; group = "measure"; unit = "°C"; scale = 0.055555556; offset = -17.777777778; instead = true; },
	{ point = "ambient.humidity"; oid = "4.3.1.0"; group = "measure"; unit = "%"; },
	{ point = "ambient.1.contacts.{i}.state"; column = "4.4.2.1.3"; table = "contacts"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "4.4.2.1.2"; table = "contacts"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "8.2.3.1.3"; table = "sensors"; group = "measure"; unit = "°C"; scale = 0.01; units = "degrees"; unit_oid = "8.2.2.0"; },
	{ point = "ambient.{i}.humidity"; column = "8.3.2.1.3"; table = "sensor_humidity"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "ambient.2.contacts.{i}.state"; column = "8.4.2.1.5"; table = "sensor_contacts"; group = "measure"; values = "contact"; },
	{ point = "ambient.2.contacts.{i}.name"; column = "8.4.2.1.4"; table = "sensor_contacts"; group = "ident"; },
	{ point = "battery.block.voltage"; column = "7.5.5.1.7"; table = "block_voltages"; group = "cells"; unit = "V"; scale = 0.01; },
	{ point = "battery.block.balance"; column = "7.5.5.1.8"; table = "block_voltages"; group = "cells"; unit = "%"; },
	{ point = "battery.block.charge"; column = "7.5.5.1.10"; table = "block_voltages"; group = "cells"; unit = "%"; },
	{ point = "battery.block.temperature"; column = "7.5.7.1.7"; table = "block_temperatures"; group = "cells"; unit = "°C"; scale = 0.1; },
	{ point = "battery.block.resistance"; column = "7.5.9.1.7"; table = "block_resistances"; group = "cells"; unit = "Ω"; scale = 1e-05; },
	{ point = "battery.block.health"; column = "7.5.9.1.8"; table = "block_resistances"; group = "cells"; unit = "%"; },
	{ point = "device.model"; oid = "1.1.1.1.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.1.2.1.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.1.2.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.1.2.4.0"; group = "ident"; },
	{ point = "ups.realpower.nominal"; oid = "1.1.2.6.0"; group = "ident"; unit = "W"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "output.frequency", "input.frequency", "battery.temperature", "battery.current" ]; values = [ 0 ];
	  why = "small models do not measure them and answer 0"; }
);
# not so:   1.4.2.2.0 of the CP1000 walk, 0 Hz at 123 V - not measured
# not read: 1.4.2.6 to 1.4.2.8 - energy and apparent power, whose scales no source states

# CPS-MIB: upsAdvanceTestDiagnostics, upsAdvanceTestDiagnosticsResults.
commands = (
	{ command = "test.battery.start.quick"; title = "Self-test"; needs = "ups.test.result";
	  set = ( { oid = "1.7.2.2.0"; value = 2; } ); readback = "1.7.2.3.0"; is = [ 4 ]; }
);
