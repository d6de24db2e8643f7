# SPDX-License-Identifier: Apache-2.0
# Vutlan VT: one table of elements; the type of each is a word. Indices are long, so the elements are counted through.
# Not read as readings: elements without a value.
name = "vutlan";
title = "Vutlan VT";
transport = "snmp";
source = "VUTLAN-SYSTEM-MIB by LibreNMS; a recorded walk of a VT825";
base = "system";
root = ".1.3.6.1.4.1.39052.1.3.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.39052"; }
);

values = (
	{ name = "door"; map = (
		{ value = -1; text = "unknown"; },
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; } ); }
);

tables = (
	{ name = "element"; max_rows = 400; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "9"; table = "element";  only = ( { column = "6"; match = "^(temperature)$"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "9"; table = "element";  only = ( { column = "6"; match = "^(humidity)$"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.voltage"; column = "9"; table = "element";  only = ( { column = "6"; match = "^(voltage|acvoltage|dcvoltage)$"; } );  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.current"; column = "9"; table = "element";  only = ( { column = "6"; match = "^(current)$"; } );  group = "measure"; unit = "A"; },
	{ point = "ambient.{i}.contacts.1.status"; column = "9"; table = "element"; values = "door"; only = ( { column = "6"; match = "^(door|dry|drycontact)$"; } );  group = "status"; },
	{ point = "ambient.{i}.leak"; column = "9"; table = "element"; true_when = [ 1 ]; only = ( { column = "6"; match = "^(leak|water)$"; } );  group = "status"; },
	{ point = "ambient.{i}.smoke"; column = "9"; table = "element"; true_when = [ 1 ]; only = ( { column = "6"; match = "^(smoke)$"; } );  group = "status"; },
	{ point = "ambient.{i}.motion"; column = "9"; table = "element"; true_when = [ 1 ]; only = ( { column = "6"; match = "^(motion)$"; } );  group = "status"; },
	{ point = "ambient.{i}.status"; column = "8"; table = "element"; only = ( { column = "9"; match = "[0-9]"; } );  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7"; table = "element";  group = "ident"; }
);
