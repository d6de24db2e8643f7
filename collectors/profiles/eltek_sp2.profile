# SPDX-License-Identifier: Apache-2.0
# Eltek DC systems with Smartpack2, Smartpack S, SP2 Touch, Compack, Micropack controllers (SP2-MIB, "eNexus").
name = "eltek_sp2";
title = "Eltek DC system (Smartpack2, Smartpack S, Compack)";
transport = "snmp";
source = "SP2-MIB; LibreNMS definition enexus; recorded walks of five controllers";
base = "system";
root = ".1.3.6.1.4.1.12148.10";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.12148.10"; }
);

values = (
	{ name = "status"; map = (
		{ value = 0; text = "error"; },
		{ value = 1; text = "ok"; },
		{ value = 2; text = "minor"; },
		{ value = 3; text = "major"; },
		{ value = 4; text = "disabled"; },
		{ value = 5; text = "disconnected"; },
		{ value = 6; text = "absent"; },
		{ value = 7; text = "minor and major"; },
		{ value = 8; text = "major low"; },
		{ value = 9; text = "minor low"; },
		{ value = 10; text = "major high"; },
		{ value = 11; text = "minor high"; },
		{ value = 12; text = "event"; },
		{ value = 13; text = "voltage"; },
		{ value = 14; text = "current"; },
		{ value = 15; text = "temperature"; },
		{ value = 16; text = "unit"; },
		{ value = 17; text = "percent"; },
		{ value = 18; text = "critical"; },
		{ value = 19; text = "warning"; } ); },
	{ name = "judged"; map = (
		{ value = 0; text = "error"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "minor"; },
		{ value = 3; text = "major"; },
		{ value = 4; text = "disabled"; },
		{ value = 5; text = "disconnected"; },
		{ value = 6; text = "absent"; },
		{ value = 7; text = "minor and major"; },
		{ value = 8; text = "major low"; },
		{ value = 9; text = "minor low"; },
		{ value = 10; text = "major high"; },
		{ value = 11; text = "minor high"; },
		{ value = 12; text = "event"; },
		{ value = 13; text = "voltage"; },
		{ value = 14; text = "current"; },
		{ value = 15; text = "temperature"; },
		{ value = 16; text = "unit"; },
		{ value = 17; text = "percent"; },
		{ value = 18; text = "critical"; },
		{ value = 19; text = "warning"; } ); },
	{ name = "system"; map = (
		{ value = 0; text = "error"; code = "ups.major"; },
		{ value = 1; text = "ok"; },
		{ value = 2; text = "minor"; code = "ups.minor"; },
		{ value = 3; text = "major"; code = "ups.major"; },
		{ value = 4; text = "disabled"; },
		{ value = 5; text = "disconnected"; },
		{ value = 6; text = "absent"; },
		{ value = 7; text = "minor and major"; code = "ups.major"; },
		{ value = 8; text = "major low"; code = "ups.major"; },
		{ value = 9; text = "minor low"; code = "ups.minor"; },
		{ value = 10; text = "major high"; code = "ups.major"; },
		{ value = 11; text = "minor high"; code = "ups.minor"; },
		{ value = 12; text = "event"; },
		{ value = 13; text = "voltage"; },
		{ value = 14; text = "current"; },
		{ value = 15; text = "temperature"; },
		{ value = 16; text = "unit"; },
		{ value = 17; text = "percent"; },
		{ value = 18; text = "critical"; code = "ups.major"; },
		{ value = 19; text = "warning"; code = "ups.minor"; } ); },
	{ name = "rectifier"; map = (
		{ value = 0; text = "error"; code = "rectifier.failed"; },
		{ value = 1; text = "ok"; },
		{ value = 2; text = "minor"; },
		{ value = 3; text = "major"; code = "rectifier.failed"; },
		{ value = 4; text = "disabled"; },
		{ value = 5; text = "disconnected"; },
		{ value = 6; text = "absent"; },
		{ value = 7; text = "minor and major"; code = "rectifier.failed"; },
		{ value = 8; text = "major low"; code = "rectifier.failed"; },
		{ value = 9; text = "minor low"; },
		{ value = 10; text = "major high"; code = "rectifier.failed"; },
		{ value = 11; text = "minor high"; },
		{ value = 12; text = "event"; },
		{ value = 13; text = "voltage"; },
		{ value = 14; text = "current"; },
		{ value = 15; text = "temperature"; },
		{ value = 16; text = "unit"; },
		{ value = 17; text = "percent"; },
		{ value = 18; text = "critical"; code = "rectifier.failed"; },
		{ value = 19; text = "warning"; } ); },
	{ name = "fuse"; map = (
		{ value = 0; text = "error"; code = "fuse.failed"; },
		{ value = 1; text = "ok"; },
		{ value = 2; text = "minor"; code = "fuse.failed"; },
		{ value = 3; text = "major"; code = "fuse.failed"; },
		{ value = 4; text = "disabled"; },
		{ value = 5; text = "disconnected"; },
		{ value = 6; text = "absent"; },
		{ value = 7; text = "minor and major"; code = "fuse.failed"; },
		{ value = 8; text = "major low"; code = "fuse.failed"; },
		{ value = 9; text = "minor low"; code = "fuse.failed"; },
		{ value = 10; text = "major high"; code = "fuse.failed"; },
		{ value = 11; text = "minor high"; code = "fuse.failed"; },
		{ value = 12; text = "event"; },
		{ value = 13; text = "voltage"; },
		{ value = 14; text = "current"; },
		{ value = 15; text = "temperature"; },
		{ value = 16; text = "unit"; },
		{ value = 17; text = "percent"; },
		{ value = 18; text = "critical"; code = "fuse.failed"; },
		{ value = 19; text = "warning"; code = "fuse.failed"; } ); },
	{ name = "mode"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "test"; status = "TEST"; },
		{ value = 2; text = "boost"; status = "CHRG"; },
		{ value = 3; text = "floating"; },
		{ value = 4; text = "emergency"; },
		{ value = 5; text = "start-up delay"; },
		{ value = 6; text = "equalising"; status = "CHRG"; } ); },
	{ name = "mains"; map = (
		{ value = 0; text = "error"; status = "OB"; code = "input.bad"; },
		{ value = 1; text = "ok"; status = "OL"; },
		{ value = 2; text = "minor"; status = "OL"; },
		{ value = 3; text = "major"; status = "OB"; code = "input.bad"; },
		{ value = 4; text = "disabled"; },
		{ value = 7; text = "minor and major"; status = "OB"; code = "input.bad"; },
		{ value = 8; text = "major low"; status = "OB"; code = "input.bad"; },
		{ value = 9; text = "minor low"; status = "OL"; },
		{ value = 10; text = "major high"; status = "OL"; },
		{ value = 11; text = "minor high"; status = "OL"; },
		{ value = 12; text = "event"; status = "OL"; },
		{ value = 18; text = "critical"; status = "OB"; code = "input.bad"; },
		{ value = 19; text = "warning"; status = "OL"; } ); },
	{ name = "output"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; },
		{ value = 2; text = "disconnected"; },
		{ value = 3; text = "connected"; } ); }
);

# 2.15, 2.16 and 2.17 tell how the controller was set up: A or tenths, Celsius or Fahrenheit, ampere hours or percent.
units = (
	{ name = "current"; map = (
		{ text = ""; scale = 1; },
		{ text = "0"; scale = 1; },
		{ text = "1"; scale = 0.1; } ); },
	{ name = "temperature"; map = (
		{ text = ""; scale = 1; },
		{ text = "0"; scale = 1; },
		{ text = "1"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "ampere_hours"; map = (
		{ text = ""; scale = 1; },
		{ text = "0"; scale = 1; } ); },
	{ name = "percent"; map = (
		{ text = "1"; scale = 1; } ); }
);

# Rows whose monitor is "disabled" (4) are not wired: their numbers are -100 or 127.
tables = (
	{ name = "mains"; max_rows = 12; },
	{ name = "rectifier"; max_rows = 64; label = "5.6.1.2"; skip = [ "4" ]; },
	{ name = "fuse"; max_rows = 64; label = "9.7.1.1"; skip = [ "4" ]; },
	{ name = "lvd"; index = 2; numbers = [ 4, 4 ]; max_rows = 16; label = "9.6.1.2"; skip = [ "4" ]; },	# load group, contactor
	{ name = "bank"; max_rows = 16; },
	{ name = "bank_temperature"; index = 2; numbers = [ 8, 4 ]; max_rows = 32; label = "10.18.3.1.2"; skip = [ "4" ]; },	# bank, sensor
	{ name = "bank_current"; index = 2; numbers = [ 8, 4 ]; max_rows = 32; label = "10.18.4.1.2"; skip = [ "4" ]; },
	{ name = "bank_fuse"; index = 2; numbers = [ 8, 4 ]; max_rows = 32; label = "10.18.5.1.2"; skip = [ "4" ]; },
	{ name = "symmetry"; index = 2; numbers = [ 8, 4 ]; max_rows = 32; label = "10.19.6.1.2"; skip = [ "4" ]; },
	{ name = "bank_symmetry"; index = 2; numbers = [ 8, 4 ]; max_rows = 32; label = "10.18.6.1.2"; skip = [ "4" ]; },
	{ name = "input"; index = 2; numbers = [ 4, 16 ]; max_rows = 64; label = "11.2.1.2"; skip = [ "4" ]; },	# control unit, input
	{ name = "io_input"; index = 2; numbers = [ 4, 16 ]; max_rows = 64; label = "11.4.1.2"; skip = [ "4" ]; },
	{ name = "output"; index = 2; numbers = [ 4, 16 ]; max_rows = 64; }
);

points = (
	{ point = "device.status"; oid = "2.1.0"; group = "status"; values = "system"; },
	{ point = "ups.mode"; oid = "2.3.0"; group = "status"; values = "mode"; },
	{ point = "input.status"; oid = "3.2.1.0"; group = "status"; values = "mains"; },
	{ point = "battery.status"; oid = "10.1.0"; group = "status"; values = "judged"; },
	{ point = "battery.runtime"; oid = "10.8.5.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "rectifier.status"; oid = "5.1.0"; group = "status"; values = "status"; },

	{ point = "input.mains.status"; oid = "3.1.0"; group = "measure"; values = "status"; },
	{ point = "input.phases"; oid = "3.3.0"; group = "ident"; },
	# Six rows are two mains inputs of three phases; names of lines do not do for all.
	{ point = "input.{i}.voltage"; column = "3.4.1.6"; table = "mains"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.name"; column = "3.4.1.3"; table = "mains"; group = "ident"; },

	{ point = "rectifier.current"; oid = "5.2.5.0"; group = "measure"; unit = "A"; units = "current"; unit_oid = "2.15.0"; },
	{ point = "rectifier.load"; oid = "5.3.5.0"; group = "measure"; unit = "%"; },
	{ point = "rectifier.temperature"; oid = "5.18.5.0"; group = "measure"; unit = "°C"; units = "temperature"; unit_oid = "2.16.0"; },
	{ point = "rectifier.modules"; oid = "5.5.0"; group = "measure"; },
	{ point = "rectifier.modules.failed"; oid = "5.4.5.0"; group = "measure"; },
	{ point = "rectifier.{i}.status"; column = "5.6.1.2"; table = "rectifier"; group = "measure"; values = "rectifier"; },
	{ point = "rectifier.{i}.current"; column = "5.6.1.3"; table = "rectifier"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "rectifier.{i}.input.voltage"; column = "5.6.1.4"; table = "rectifier"; group = "measure"; unit = "V"; },
	{ point = "rectifier.{i}.model"; column = "5.6.1.5"; table = "rectifier"; group = "ident"; },
	{ point = "rectifier.{i}.serial"; column = "5.6.1.10"; table = "rectifier"; group = "ident"; },

	{ point = "output.current"; oid = "9.2.5.0"; group = "measure"; unit = "A"; units = "current"; unit_oid = "2.15.0"; },
	{ point = "output.fuse.status"; oid = "9.3.0"; group = "measure"; values = "fuse"; },
	{ point = "breaker.{i}.status"; column = "9.7.1.1"; table = "fuse"; group = "measure"; values = "fuse"; },
	{ point = "breaker.{i}.name"; column = "9.7.1.2"; table = "fuse"; group = "ident"; },
	{ point = "lvd.{i}.name"; column = "9.6.1.3"; table = "lvd"; group = "ident"; },
	{ point = "lvd.{i}.status"; column = "9.6.1.2"; table = "lvd"; group = "measure"; values = "status"; },

	{ point = "battery.voltage"; oid = "10.5.5.0"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.current"; oid = "10.6.5.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "10.7.5.0"; group = "measure"; unit = "°C"; units = "temperature"; unit_oid = "2.16.0"; },
	{ point = "battery.capacity.remaining"; oid = "10.9.5.0"; group = "measure"; unit = "Ah"; units = "ampere_hours"; unit_oid = "2.17.0"; },
	{ point = "battery.charge"; oid = "10.9.5.0"; group = "status"; unit = "%"; units = "percent"; unit_oid = "2.17.0"; },
	{ point = "battery.capacity.used"; oid = "10.10.5.0"; group = "measure"; unit = "Ah"; units = "ampere_hours"; unit_oid = "2.17.0"; },
	{ point = "battery.capacity"; oid = "10.11.5.0"; group = "measure"; unit = "Ah"; },
	{ point = "battery.quality"; oid = "10.12.5.0"; group = "measure"; unit = "%"; },
	{ point = "battery.packs"; oid = "10.18.1.0"; group = "measure"; },
	{ point = "battery.{i}.status"; column = "10.18.2.1.2"; table = "bank"; group = "measure"; values = "judged"; },
	{ point = "battery.probe.{i}.temperature"; column = "10.18.3.1.6"; table = "bank_temperature"; group = "measure"; unit = "°C"; units = "temperature"; unit_oid = "2.16.0"; },
	{ point = "battery.probe.{i}.name"; column = "10.18.3.1.3"; table = "bank_temperature"; group = "ident"; },
	{ point = "battery.{i}.current"; column = "10.18.4.1.6"; table = "bank_current"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.{i}.fuse.status"; column = "10.18.5.1.2"; table = "bank_fuse"; group = "measure"; values = "fuse"; },
	{ point = "battery.symmetry.{i}.voltage"; column = "10.19.6.1.7"; table = "symmetry"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.{i}.symmetry.voltage"; column = "10.18.6.1.6"; table = "bank_symmetry"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "ambient.temperature"; oid = "13.13.5.0"; group = "measure"; unit = "°C"; only = ( { column = "13.13.1"; is_not = [ 4 ]; } ); units = "temperature"; unit_oid = "2.16.0"; },

	{ point = "ambient.1.contacts.{i}.state"; column = "11.2.1.2"; table = "input"; group = "measure"; values = "judged"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "11.2.1.3"; table = "input"; group = "ident"; },
	{ point = "ambient.2.contacts.{i}.state"; column = "11.4.1.2"; table = "io_input"; group = "measure"; values = "judged"; },
	{ point = "ambient.2.contacts.{i}.name"; column = "11.4.1.3"; table = "io_input"; group = "ident"; },
	{ point = "relay.{i}.status"; column = "12.2.1.2"; table = "output"; group = "measure"; values = "output"; },
	{ point = "relay.{i}.name"; column = "12.2.1.3"; table = "output"; group = "ident"; },

	{ point = "ups.id"; oid = "2.5.0"; group = "ident"; },
	{ point = "device.model"; oid = "13.8.2.1.2.1"; group = "ident"; },
	{ point = "ups.firmware"; oid = "13.8.2.1.8.1"; group = "ident"; },
	{ point = "ups.firmware"; oid = "13.8.2.1.8.2"; group = "ident"; instead = true; },
	{ point = "device.part"; oid = "2.6.0"; group = "ident"; },
	{ point = "device.serial"; oid = "2.7.0"; group = "ident"; },
	{ point = "output.voltage.nominal"; oid = "2.9.0"; group = "ident"; unit = "V"; },
	{ point = "battery.type"; oid = "10.2.0"; group = "ident"; }
);

# not read as 63 A, 51 A, 56 A: 5.2.5 and 9.2.5 of controllers with 2.15 = 1 - they count tenths (the modules' sum agrees: 6.3 A)
# not read as 0 °C: 10.7.5 where no sensor is set up (its monitor is disabled) - value unknown
# not read as a load: 10.9.5, 10.10.5 - capacities; 10.12.5 is there as battery.quality, which LibreNMS files under load

quirks = (
	{ kind = "unset-until-seen"; points = [ "battery.temperature" ]; values = [ 0 ]; why = "0 is written where no sensor is set up"; },
	{ kind = "no-bulk"; why = "the controllers answer GETBULK badly"; }
);
