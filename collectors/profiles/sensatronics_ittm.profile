# SPDX-License-Identifier: Apache-2.0
# Sensatronics IT Temperature Monitor: up to sixteen thermometers, each with a contact. -99.9 is an empty place. Firmware before 3.0 does not
# answer the unit (2.3.1) and counts degrees Celsius, which is 0 in that object.
name = "sensatronics_ittm";
title = "Sensatronics IT Temperature Monitor";
transport = "snmp";
source = "SENSATRONICS-ITTM MIB; LibreNMS sensatronics-ittm sensors; no recording";
base = "system";
root = ".1.3.6.1.4.1.16174.1.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.16174.1.1.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.16174"; probe = "3.1.2.0"; }
);

values = (
	{ name = "contact"; map = (
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); }
);

units = (
	{ name = "degrees"; map = (
		{ text = "0"; scale = 1; },
		{ text = ""; scale = 1; },
		{ text = "1"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); }
);

points = (
	{ point = "ambient.{i}.temperature"; oid = "3.{i}.2.0"; repeat = [ 1, 16 ]; units = "degrees"; unit_oid = "2.3.1.0";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.contacts.1.status"; oid = "3.{i}.4.0"; repeat = [ 1, 16 ]; values = "contact";  group = "status"; },
	{ point = "ambient.{i}.name"; oid = "3.{i}.1.0"; repeat = [ 1, 16 ];  group = "ident"; },
	{ point = "device.name"; oid = "1.1.0";  group = "ident"; },
	{ point = "device.serial"; oid = "1.7.0";  group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.5.0";  group = "ident"; }
);

quirks = (
	{ kind = "below-unknown"; points = [ "ambient.*" ]; limit = -70; why = "-99.9 means that there is no probe"; }
);
