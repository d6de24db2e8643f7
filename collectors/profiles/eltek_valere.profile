# SPDX-License-Identifier: Apache-2.0
# Eltek Valere DC systems with a BC2000 controller (VPWR MIBs).
name = "eltek_valere";
title = "Eltek Valere DC system (BC2000)";
transport = "snmp";
source = "Valere MIBs; LibreNMS valere sensors; a recorded walk of a BC2000 4.01.40";
base = "system";
root = ".1.3.6.1.4.1.13858";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.13858"; }
);

values = (
	{ name = "controller"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "ok"; },
		{ value = 2; text = "change"; },
		{ value = 3; text = "alarm"; code = "ups.major"; },
		{ value = 4; text = "menu"; },
		{ value = 5; text = "infrared active"; } ); },
	{ name = "active"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); },
	{ name = "module"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "alarm"; code = "rectifier.failed"; },
		{ value = 2; text = "disabled"; },
		{ value = 3; text = "ringer A on"; },
		{ value = 4; text = "ringer B on"; },
		{ value = 5; text = "unknown"; } ); }
);

tables = (
	{ name = "module"; index = 2; numbers = [ 8, 8 ]; max_rows = 64; },	# shelf, slot
	{ name = "probe"; from = 0; max_rows = 16; }
);

points = (
	{ point = "device.status"; oid = "2.3.4.0"; group = "status"; values = "controller"; },

	{ point = "output.voltage"; oid = "2.3.2.0"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "output.current"; oid = "2.3.3.0"; group = "measure"; unit = "A"; },
	{ point = "ups.temperature"; oid = "2.3.5.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.charger.compensation"; oid = "2.3.6.0"; group = "measure"; values = "active"; },
	{ point = "rectifier.{i}.status"; column = "2.1.6.1.5"; table = "module"; group = "measure"; values = "module"; },
	{ point = "rectifier.{i}.current"; column = "2.1.6.1.4"; table = "module"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "ambient.{i}.temperature"; column = "7.1.1.1.3"; table = "probe"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "7.1.1.1.2"; table = "probe"; group = "ident"; },

	{ point = "device.mfr"; oid = "2.1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "2.1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "2.1.3.0"; group = "ident"; }
);

quirks = (
	{ kind = "below-unknown"; points = [ "ambient.{i}.temperature" ]; limit = -100; why = "-126 and -127 are written for a probe that is not connected"; },
	{ kind = "no-bulk"; why = "the controllers answer GETBULK badly"; }
);
