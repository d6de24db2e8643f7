# SPDX-License-Identifier: Apache-2.0
# HW group STE
name = "hwg_ste";
title = "HW group STE";
transport = "snmp";
source = "LibreNMS hwg-ste sensors; the maker's MIB by its enumerations";
base = "system";
root = ".1.3.6.1.4.1.21796.4.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.21796.4.1"; }
);

values = (
	{ name = "sensor"; map = (
		{ value = 0; text = "lost"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "out of range low"; },
		{ value = 3; text = "out of range high"; },
		{ value = 4; text = "alarm low"; },
		{ value = 5; text = "alarm high"; } ); },
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
	{ point = "ambient.contacts.{i}.state"; column = "1.1.4"; table = "input"; values = "alarm";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "1.1.3"; table = "input";  group = "ident"; },
	{ point = "relay.{i}.status"; column = "2.1.2"; table = "output"; values = "on_off";  group = "status"; },
	{ point = "relay.{i}.name"; column = "2.1.3"; table = "output";  group = "ident"; },
	{ point = "ambient.{i}.status"; column = "3.1.3"; table = "sensor"; values = "sensor";  group = "status"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.5"; table = "sensor"; scale = 0.1; only = ( { column = "3.1.7"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.5"; table = "sensor"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "3.1.7"; is = [ 2 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.5"; table = "sensor"; scale = 0.1; offset = -273.15; only = ( { column = "3.1.7"; is = [ 3 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "3.1.5"; table = "sensor"; scale = 0.1; only = ( { column = "3.1.7"; is = [ 4 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "3.1.2"; table = "sensor";  group = "ident"; },
	{ point = "device.name"; oid = ".1.3.6.1.2.1.1.5.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -9999, -32768, -99990 ]; why = "HW group's words for a sensor that does not answer"; },
	{ kind = "no-bulk"; why = "HW group devices answer GETBULK wrongly"; }
);
