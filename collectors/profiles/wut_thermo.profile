# SPDX-License-Identifier: Apache-2.0
# Wiesemann & Theis Web-Thermographs and Web-IO thermometers. All models have the same tree below a number of their own (the last of the
# sysObjectID): n.1.4.1.1 are the readings in tenths, n.3.2.1.1.1 the names. A socket without a sensor reads 327670.
name = "wut_thermo";
title = "W&T Web-Thermograph and Web-IO thermometers";
transport = "snmp";
source = "WebGraph MIBs of the maker by LibreNMS; recorded walks of 57605, 57608 and 57614";
base = "system";
root = ".1.3.6.1.4.1.5040.1.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.5040"; }
);

tables = (
	{ name = "m1"; first = 1; max_rows = 16; },
	{ name = "m2"; first = 1; max_rows = 16; },
	{ name = "m3"; first = 1; max_rows = 16; },
	{ name = "m6"; first = 1; max_rows = 16; },
	{ name = "m7"; first = 1; max_rows = 16; },
	{ name = "m8"; first = 1; max_rows = 16; },
	{ name = "m18"; first = 1; max_rows = 16; },
	{ name = "m22"; first = 1; max_rows = 16; },
	{ name = "m26"; first = 1; max_rows = 16; },
	{ name = "m30"; first = 1; max_rows = 16; },
	{ name = "m35"; first = 1; max_rows = 16; },
	{ name = "m36"; first = 1; max_rows = 16; },
	{ name = "m37"; first = 1; max_rows = 16; },
	{ name = "m39"; first = 1; max_rows = 16; },
	{ name = "m40"; first = 1; max_rows = 16; },
	{ name = "m46"; first = 1; max_rows = 16; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "1.1.4.1.1"; table = "m1"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "1.3.2.1.1.1"; table = "m1"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.1.4.1.1"; table = "m2"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "2.3.2.1.1.1"; table = "m2"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "3.1.4.1.1"; table = "m3"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "3.3.2.1.1.1"; table = "m3"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "6.1.4.1.1"; table = "m6"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "6.3.2.1.1.1"; table = "m6"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.1.4.1.1"; table = "m7"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "7.3.2.1.1.1"; table = "m7"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "8.1.4.1.1"; table = "m8"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "8.3.2.1.1.1"; table = "m8"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "18.1.4.1.1"; table = "m18"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "18.3.2.1.1.1"; table = "m18"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "22.1.4.1.1"; table = "m22"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "22.3.2.1.1.1"; table = "m22"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "26.1.4.1.1"; table = "m26"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "26.3.2.1.1.1"; table = "m26"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "30.1.4.1.1"; table = "m30"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "30.3.2.1.1.1"; table = "m30"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "35.1.4.1.1"; table = "m35"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "35.3.2.1.1.1"; table = "m35"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "36.1.4.1.1"; table = "m36"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "36.3.2.1.1.1"; table = "m36"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "37.1.4.1.1"; table = "m37"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "37.3.2.1.1.1"; table = "m37"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "39.1.4.1.1"; table = "m39"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "39.3.2.1.1.1"; table = "m39"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "40.1.4.1.1"; table = "m40"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "40.3.2.1.1.1"; table = "m40"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "46.1.4.1.1"; table = "m46"; scale = 0.1; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "46.3.2.1.1.1"; table = "m46"; instead = true;  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ 327670, 32767, 10230 ]; why = "no sensor"; }
);
