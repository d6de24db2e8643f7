# SPDX-License-Identifier: Apache-2.0
# HW group Poseidon and Damocles. The state tells whether a value counts: 0 is a sensor that does not answer.
name = "hwg_poseidon";
title = "HW group Poseidon";
transport = "snmp";
source = "LibreNMS hwg-poseidon sensors; the maker's MIB by its enumerations";
base = "system";
root = ".1.3.6.1.4.1.21796.3.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.21796.3.3"; },
	{ sysobjectid = ".1.3.6.1.4.1.21796"; sysdescr = "Poseidon|Damocles"; probe = "3.1.2.1"; }
);

values = (
	{ name = "sensor"; map = (
		{ value = 0; text = "lost"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "warning"; },
		{ value = 3; text = "alarm"; } ); },
	{ name = "contact"; map = (
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); },
	{ name = "alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; } ); },
	{ name = "on_off"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); }
);

tables = (
	{ name = "input"; max_rows = 64; },
	{ name = "output"; max_rows = 64; },
	{ name = "sensor"; max_rows = 100; }
);

points = (
	{ point = "ambient.contacts.{i}.status"; column = "1.1.2"; table = "input"; values = "contact";  group = "status"; },
	{ point = "ambient.contacts.{i}.state"; column = "1.1.5"; table = "input"; values = "alarm";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "1.1.3"; table = "input";  group = "ident"; },
	{ point = "relay.{i}.status"; column = "2.1.2"; table = "output"; values = "on_off";  group = "status"; },
	{ point = "relay.{i}.name"; column = "2.1.3"; table = "output";  group = "ident"; },
	{ point = "ambient.{i}.status"; column = "3.1.4"; table = "sensor"; values = "sensor";  group = "status"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.6"; table = "sensor"; scale = 0.1; only = ( { column = "3.1.9"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.6"; table = "sensor"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "3.1.9"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.6"; table = "sensor"; scale = 0.1; offset = -273.15; only = ( { column = "3.1.9"; is = [ 2 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "3.1.6"; table = "sensor"; scale = 0.1; only = ( { column = "3.1.9"; is = [ 3 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.voltage"; column = "3.1.6"; table = "sensor"; scale = 0.1; only = ( { column = "3.1.9"; is = [ 4 ]; } );  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.current"; column = "3.1.6"; table = "sensor"; scale = 0.0001; only = ( { column = "3.1.9"; is = [ 5 ]; } );  group = "measure"; unit = "A"; },
	{ point = "ambient.{i}.name"; column = "3.1.2"; table = "sensor";  group = "ident"; },
	{ point = "device.name"; oid = ".1.3.6.1.2.1.1.5.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -9999, -32768, -99990 ]; why = "HW group's words for a sensor that does not answer"; },
	{ kind = "no-bulk"; why = "HW group devices answer GETBULK wrongly"; }
);
