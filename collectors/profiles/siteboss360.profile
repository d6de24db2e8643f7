# SPDX-License-Identifier: Apache-2.0
# Asentria SiteBoss 360. All models have the same tree below a number of their own: siteboss{360,550,571,572}.profile are alike.
name = "siteboss360";
title = "Asentria SiteBoss 360";
transport = "snmp";
source = "SITEBOSS-360-STD-MIB; LibreNMS definition siteboss360; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.3052.23";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.3052.23"; }
);

values = (
	{ name = "event"; map = (
		{ value = 1; text = "alarm"; },
		{ value = 2; text = "good"; } ); },
	{ name = "contact"; map = (
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); },
	{ name = "power"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); }
);

units = (
	{ name = "temperature"; map = (
		{ text = "C"; scale = 1; },
		{ text = "F"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); }
);

# Points of all kinds stand in one table: unit (200 is the device itself), kind, number. Kinds: 1 temperature, 2 contact, 3 humidity,
# 5 analogue, 6 power output or relay; which of the two the text tells.
tables = (
	{ name = "temperature"; index = 3; where = [ 2, 1 ]; max_rows = 32; },
	{ name = "humidity"; index = 3; where = [ 2, 3 ]; max_rows = 32; first = 33; },
	{ name = "contact"; index = 3; where = [ 2, 2 ]; max_rows = 64; label = "1.1.1.1.4"; skip = [ "", "unnamed" ]; },
	{ name = "power"; index = 3; where = [ 2, 6 ]; max_rows = 64; label = "1.1.1.1.7"; },
	{ name = "feed"; index = 2; max_rows = 16; },
	{ name = "port"; index = 2; max_rows = 64; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "1.1.1.1.7"; table = "temperature"; group = "measure"; unit = "°C"; number_in_text = true; units = "temperature"; },
	{ point = "ambient.{i}.name"; column = "1.1.1.1.4"; table = "temperature"; group = "ident"; },
	{ point = "ambient.{i}.humidity"; column = "1.1.1.1.6"; table = "humidity"; group = "measure"; unit = "%"; },

	{ point = "ambient.1.contacts.{i}.state"; column = "1.1.1.1.5"; table = "contact"; group = "measure"; values = "event"; },
	{ point = "ambient.1.contacts.{i}.status"; column = "1.1.1.1.6"; table = "contact"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "1.1.1.1.4"; table = "contact"; group = "ident"; },

	{ point = "outlet.{i}.status"; column = "1.1.1.1.6"; table = "power"; label = "^O[nf]"; group = "measure"; values = "power"; },
	{ point = "outlet.{i}.name"; column = "1.1.1.1.4"; table = "power"; label = "^O[nf]"; group = "ident"; },
	{ point = "relay.{i}.status"; column = "1.1.1.1.6"; table = "power"; label = "ctive/"; group = "measure"; values = "power"; },
	{ point = "relay.{i}.name"; column = "1.1.1.1.4"; table = "power"; label = "ctive/"; group = "ident"; },

	# Distribution modules: unit, module; unit, port
	{ point = "feed.{i}.voltage"; column = "1.5.4.1.1.13"; table = "feed"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "feed.{i}.current"; column = "1.5.4.1.1.5"; table = "feed"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "feed.{i}.realpower"; column = "1.5.4.1.1.20"; table = "feed"; group = "measure"; unit = "W"; },
	{ point = "outlet.{i}.current"; column = "1.5.4.1.1.23"; table = "port"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "generator.fuel"; oid = "1.6.1.1.7.1"; group = "measure"; unit = "%"; scale = 0.01; },

	{ point = "device.serial"; oid = "2.16.15.3.0"; group = "ident"; },
	{ point = "ups.id"; oid = "3.1.0"; group = "ident"; }
);
# not read: kind 5 (analogue inputs) - what they measure is a name the user gave, in a unit the user gave
