# SPDX-License-Identifier: Apache-2.0
# Teracom TCW241, 242, 220 and 210-TH: sensor n has a first value (a temperature) and a second one (humidity of a TSH sensor).
# The unit of temperatures is a setting of the device. Inputs above 100 mV are wired: what floats reads a few mV.
name = "teracom";
title = "Teracom TCW controllers";
transport = "snmp";
source = "TERACOM-TCW241-MIB, -TCW220-MIB by LibreNMS; a recorded walk of a TCW241";
base = "system";
root = ".1.3.6.1.4.1.38783";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.38783"; }
);

values = (
	{ name = "input"; map = (
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; } ); },
	{ name = "on_off"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); },
	{ name = "alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; } ); },
	{ name = "hardware"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "warning"; },
		{ value = 2; text = "critical"; } ); }
);

units = (
	{ name = "degrees"; map = (
		{ text = "0"; scale = 1; },
		{ text = "1"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); }
);

points = (
	{ point = "device.clock.drift"; oid = "3.1.3.0"; group = "measure"; unit = "s"; format = "time"; },
	{ point = "device.status"; oid = "3.3.8.0"; values = "hardware";  group = "status"; },
	{ point = "ambient.{i}.temperature"; oid = "3.3.1.{i}.1.0"; repeat = [ 1, 8 ]; scale = 0.001; units = "degrees"; unit_oid = "3.3.7.0";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "3.3.1.{i}.2.0"; repeat = [ 1, 8 ]; scale = 0.001; only = ( { column = "3.3.1.{i}.2"; unless = "^-"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; oid = "3.3.1.{i}.4.1.0"; repeat = [ 1, 8 ]; values = "alarm"; only = ( { column = "3.3.1.{i}.1"; unless = "^-"; } );  group = "status"; },
	{ point = "ambient.{i}.name"; oid = "3.2.2.1.{i}.1.0"; repeat = [ 1, 8 ];  group = "ident"; },
	{ point = "ambient.{i}.voltage"; oid = "3.3.2.{i}.0"; repeat = [ 1, 4 ]; first = 11; scale = 0.001; only = ( { column = "3.3.2.{i}"; match = "[0-9][0-9][0-9]"; } );  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.status"; oid = "3.3.2.5.{i}.0"; repeat = [ 1, 4 ]; first = 11; values = "alarm"; only = ( { column = "3.3.2.{i}"; match = "[0-9][0-9][0-9]"; } );  group = "status"; },
	{ point = "ambient.{i}.name"; oid = "3.2.2.2.{i}.1.0"; repeat = [ 1, 4 ]; first = 11;  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; oid = "3.3.3.{i}.0"; repeat = [ 1, 4 ]; values = "input";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; oid = "3.2.2.3.{i}.0"; repeat = [ 1, 4 ];  group = "ident"; },
	{ point = "relay.{i}.status"; oid = "3.3.4.{i}.1.0"; repeat = [ 1, 4 ]; values = "on_off";  group = "status"; },
	{ point = "relay.{i}.name"; oid = "3.2.2.4.{i}.1.0"; repeat = [ 1, 4 ];  group = "ident"; },
	# TCW220
	{ point = "ambient.{i}.temperature"; oid = "2.3.1.{i}.1.0"; repeat = [ 1, 8 ]; scale = 0.001; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "2.3.1.{i}.2.0"; repeat = [ 1, 8 ]; scale = 0.001; instead = true;  group = "measure"; unit = "%"; },
	{ point = "device.model"; oid = "3.1.2.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -2147483648L ]; why = "no sensor, or one without a second value"; }
);
