# SPDX-License-Identifier: Apache-2.0
# Sensatronics EM1: four groups of a thermometer, a hygrometer and a water detector; -999.9 is an empty place.
# Not read where the device does not answer its unit (2.3.1): 3.1.3 to 3.4.3 of the recorded walk, of which LibreNMS takes 54.3 for °C.
name = "sensatronics_em1";
title = "Sensatronics EM1";
transport = "snmp";
source = "SENSATRONICS-EM1 MIB; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.16174.1.1.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.16174.1.1.3"; }
);

units = (
	{ name = "degrees"; map = (
		{ text = "C"; scale = 1; },
		{ text = "F"; scale = 0.5555555555555556; offset = -17.77777777777778; },
		{ text = "K"; scale = 1; offset = -273.15; },
		{ text = "R"; scale = 0.5555555555555556; offset = -273.15; } ); }
);

points = (
	{ point = "ambient.{i}.temperature"; oid = "3.{i}.3.0"; repeat = [ 1, 4 ]; units = "degrees"; unit_oid = "2.3.1.0";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "3.{i}.6.0"; repeat = [ 1, 4 ];  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; oid = "3.{i}.1.0"; repeat = [ 1, 4 ];  group = "ident"; },
	{ point = "device.name"; oid = "1.1.0";  group = "ident"; },
	{ point = "device.serial"; oid = "1.7.0";  group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.5.0";  group = "ident"; }
);

quirks = (
	{ kind = "below-unknown"; points = [ "ambient.*" ]; limit = -100; why = "-999.9 means that there is no probe"; },
	{ kind = "negative-unknown"; points = [ "ambient.*.humidity" ]; why = "-999.9 means that there is no probe"; }
);
