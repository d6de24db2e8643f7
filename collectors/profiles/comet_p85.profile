# SPDX-License-Identifier: Apache-2.0
# Comet P85xx and P86xx Web Sensors: five channels and binary inputs; the unit stands in object 9 of a channel. Where it is not answered the channel
# is a thermometer, as LibreNMS takes it.
name = "comet_p85";
title = "Comet Web Sensor P85xx";
transport = "snmp";
source = "the maker's OID lists; LibreNMS websensor sensors; a tiny recording";
base = "system";
root = ".1.3.6.1.4.1.22626.1.5";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.22626.1.5"; }
);

values = (
	{ name = "alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm high"; },
		{ value = 2; text = "alarm low"; } ); }
);

units = (
	{ name = "degrees"; map = (
		{ text = ""; scale = 1; },
		{ text = "C"; scale = 1; },
		{ text = "°C"; scale = 1; },
		{ text = "?C"; scale = 1; },
		{ text = "deg C"; scale = 1; },
		{ text = "F"; scale = 0.5555555555555556; offset = -17.77777777777778; },
		{ text = "°F"; scale = 0.5555555555555556; offset = -17.77777777777778; },
		{ text = "?F"; scale = 0.5555555555555556; offset = -17.77777777777778; },
		{ text = "deg F"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "percent"; map = (
		{ text = "%RH"; scale = 1; },
		{ text = "%"; scale = 1; },
		{ text = "% RH"; scale = 1; } ); }
);

points = (
	{ point = "ambient.{i}.temperature"; oid = "2.{i}.3.0"; repeat = [ 1, 5 ]; scale = 0.1; units = "degrees"; unit_oid = "2.{i}.9.0";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "2.{i}.3.0"; repeat = [ 1, 5 ]; scale = 0.1; units = "percent"; unit_oid = "2.{i}.9.0";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; oid = "2.{i}.4.0"; repeat = [ 1, 5 ]; values = "alarm"; only = ( { column = "2.{i}.3"; is_not = [ 9999 ]; } );  group = "status"; },
	{ point = "ambient.{i}.name"; oid = "2.{i}.1.0"; repeat = [ 1, 5 ];  group = "ident"; },
	{ point = "device.name"; oid = "1.1.0";  group = "ident"; },
	{ point = "device.serial"; oid = "1.2.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ 9999, -9999, 99990, -11000, -11001, -11002, -11003 ]; why = "no sensor, or an error of one"; }
);
