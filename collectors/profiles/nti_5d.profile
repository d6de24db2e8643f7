# SPDX-License-Identifier: Apache-2.0
# NTI ENVIROMUX-5D. Internal sensors are ambient.1 on, auxiliary ones 101 on, external ones 201 on; the unit of a value stands beside it.
# Temperatures count tenths, percents whole ones. Sensors of type 0 are not configured.
name = "nti_5d";
title = "NTI ENVIROMUX-5D";
transport = "snmp";
source = "ENVIROMUX5D MIB; LibreNMS nti sensors; a recorded walk of an E-5D";
base = "system";
root = ".1.3.6.1.4.1.3699.1.1.10";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.3699.1.1.10"; }
);

values = (
	{ name = "input_state"; map = (
		{ value = 0; text = "not connected"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "warning"; },
		{ value = 3; text = "alarm"; },
		{ value = 4; text = "acknowledged"; },
		{ value = 5; text = "dismissed"; },
		{ value = 6; text = "disconnected"; },
		{ value = 10; text = "reserved"; } ); },
	{ name = "input"; map = (
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; } ); },
	{ name = "relay"; map = (
		{ value = 0; text = "on"; },
		{ value = 1; text = "off"; } ); },
	{ name = "supply"; map = (
		{ value = 0; text = "failed"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "absent"; } ); },
	{ name = "on_off"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); }
);

tables = (
	{ name = "internal"; first = 1; max_rows = 8; unit = "1.3.1.1.8"; units = ( { text = "C"; scale = 0.1; }, { text = "F"; scale = 0.05555555555555556; offset = -17.77777777777778; }, { text = "%"; scale = 1; } ); },
	{ name = "auxiliary"; first = 101; max_rows = 64; unit = "1.4.1.1.8"; units = ( { text = "C"; scale = 0.1; }, { text = "F"; scale = 0.05555555555555556; offset = -17.77777777777778; }, { text = "%"; scale = 1; } ); },
	{ name = "external"; first = 201; max_rows = 200; unit = "1.5.1.1.9"; units = ( { text = "C"; scale = 0.1; }, { text = "F"; scale = 0.05555555555555556; offset = -17.77777777777778; }, { text = "%"; scale = 1; } ); },
	{ name = "inputs"; first = 1; max_rows = 100; only = ( { column = "1.6.1.1.3"; unless = "^Not configured$"; } ); },
	{ name = "remote"; first = 101; max_rows = 200; only = ( { column = "1.12.1.1.3"; unless = "^Not configured$"; } ); },
	{ name = "relays"; max_rows = 16; },
	{ name = "supplies"; max_rows = 4; },
	{ name = "beacons"; max_rows = 4; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "1.3.1.1.6"; table = "internal"; only = ( { column = "1.3.1.1.2"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "1.3.1.1.6"; table = "internal"; only = ( { column = "1.3.1.1.2"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature.dewpoint"; column = "1.3.1.1.6"; table = "internal"; only = ( { column = "1.3.1.1.2"; is = [ 24 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "1.3.1.1.9"; table = "internal"; values = "input_state"; only = ( { column = "1.3.1.1.2"; is_not = [ 0 ]; } );  group = "status"; },
	{ point = "ambient.{i}.name"; column = "1.3.1.1.3"; table = "internal"; only = ( { column = "1.3.1.1.2"; is_not = [ 0 ]; } );  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "1.5.1.1.7"; table = "external"; only = ( { column = "1.5.1.1.2"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "1.5.1.1.7"; table = "external"; only = ( { column = "1.5.1.1.2"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature.dewpoint"; column = "1.5.1.1.7"; table = "external"; only = ( { column = "1.5.1.1.2"; is = [ 24 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "1.5.1.1.10"; table = "external"; values = "input_state"; only = ( { column = "1.5.1.1.2"; is_not = [ 0 ]; } );  group = "status"; },
	{ point = "ambient.{i}.name"; column = "1.5.1.1.3"; table = "external"; only = ( { column = "1.5.1.1.2"; is_not = [ 0 ]; } );  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "1.4.1.1.6"; table = "auxiliary"; only = ( { column = "1.4.1.1.2"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "1.4.1.1.6"; table = "auxiliary"; only = ( { column = "1.4.1.1.2"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature.dewpoint"; column = "1.4.1.1.6"; table = "auxiliary"; only = ( { column = "1.4.1.1.2"; is = [ 24 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "1.4.1.1.9"; table = "auxiliary"; values = "input_state"; only = ( { column = "1.4.1.1.2"; is_not = [ 0 ]; } );  group = "status"; },
	{ point = "ambient.{i}.name"; column = "1.4.1.1.3"; table = "auxiliary"; only = ( { column = "1.4.1.1.2"; is_not = [ 0 ]; } );  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; column = "1.6.1.1.7"; table = "inputs"; values = "input";  group = "status"; },
	{ point = "ambient.contacts.{i}.state"; column = "1.6.1.1.8"; table = "inputs"; values = "input_state";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "1.6.1.1.3"; table = "inputs";  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; column = "1.12.1.1.7"; table = "remote"; values = "input";  group = "status"; },
	{ point = "ambient.contacts.{i}.state"; column = "1.12.1.1.8"; table = "remote"; values = "input_state";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "1.12.1.1.3"; table = "remote";  group = "ident"; },
	{ point = "relay.{i}.status"; column = "1.8.1.1.3"; table = "relays"; values = "relay";  group = "status"; },
	{ point = "relay.{i}.name"; column = "1.8.1.1.2"; table = "relays";  group = "ident"; },
	{ point = "device.supply.{i}.status"; column = "1.9.1.1.2"; table = "supplies"; values = "supply";  group = "status"; },
	{ point = "device.beacon.{i}.status"; column = "1.19.1.1.2"; table = "beacons"; values = "on_off";  group = "status"; },
	{ point = "device.model"; oid = "1.1.9.0";  group = "ident"; },
	{ point = "device.serial"; oid = "1.1.11.0";  group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.1.8.0";  group = "ident"; }
);
