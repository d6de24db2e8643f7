# SPDX-License-Identifier: Apache-2.0
# NetPing UniPing and NetPing boards (DKSF firmware). Hygrometers, which measure the temperature as well, are ambient.1 on, thermometers 101 on,
# smoke detectors 201 on, current loops 301 on. A place without a sensor has the state 0 and is not read.
name = "uniping";
title = "NetPing and UniPing";
transport = "snmp";
source = "DKSF-70 MIB by LibreNMS; no recording";
base = "system";
root = ".1.3.6.1.4.1.25728";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.25728"; }
);

values = (
	{ name = "value_state"; map = (
		{ value = 0; text = "lost"; },
		{ value = 1; text = "low"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "high"; } ); },
	{ name = "smoke"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; },
		{ value = 4; text = "off"; },
		{ value = 5; text = "fault"; } ); },
	{ name = "loop"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; },
		{ value = 2; text = "cut"; },
		{ value = 3; text = "short circuit"; },
		{ value = 4; text = "not powered"; } ); },
	{ name = "contact"; map = (
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); },
	{ name = "on_off"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); }
);

tables = (
	{ name = "hygro"; first = 1; max_rows = 32; only = ( { column = "8400.1.1.3"; is_not = [ 0 ]; } ); },
	{ name = "thermo"; first = 101; max_rows = 32; only = ( { column = "8800.1.1.3"; is_not = [ 0 ]; } ); },
	{ name = "smoke"; first = 201; max_rows = 32; only = ( { column = "8200.1.1.2"; is_not = [ 5 ]; } ); },
	{ name = "loop"; first = 301; max_rows = 32; },
	{ name = "relay"; first = 1; max_rows = 32; },
	{ name = "io"; first = 1; max_rows = 64; }
);

points = (
	{ point = "ambient.{i}.humidity"; column = "8400.1.1.2"; table = "hygro";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature"; column = "8400.1.1.4"; table = "hygro";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "8400.1.1.3"; table = "hygro"; values = "value_state";  group = "status"; },
	{ point = "ambient.{i}.temperature.status"; column = "8400.1.1.5"; table = "hygro"; values = "value_state";  group = "status"; },
	{ point = "ambient.{i}.temperature"; column = "8800.1.1.2"; table = "thermo";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "8800.1.1.3"; table = "thermo"; values = "value_state";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "8800.1.1.6"; table = "thermo";  group = "ident"; },
	{ point = "ambient.{i}.status"; column = "8200.1.1.2"; table = "smoke"; values = "smoke";  group = "status"; },
	{ point = "ambient.{i}.status"; column = "8300.1.1.2"; table = "loop"; values = "loop";  group = "status"; },
	{ point = "relay.{i}.status"; column = "5500.5.1.15"; table = "relay"; values = "on_off";  group = "status"; },
	{ point = "ambient.contacts.{i}.status"; column = "8900.1.1.2"; table = "io"; values = "contact";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "8900.1.1.6"; table = "io";  group = "ident"; }
);

quirks = (
	{ kind = "no-bulk"; why = "LibreNMS knows boards that answer GETBULK wrongly"; }
);
