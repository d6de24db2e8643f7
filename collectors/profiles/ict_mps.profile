# SPDX-License-Identifier: Apache-2.0
# ICT Modular Power Series. The numbers are texts.
name = "ict_mps";
title = "ICT Modular Power System";
transport = "snmp";
source = "LibreNMS definition ict-mps (ICT-POWERSYSTEM-MIB); a recorded walk, firmware 1.04";
base = "system";
root = ".1.3.6.1.4.1.39145.13";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.39145.13"; }
);

values = (
	{ name = "module_status"; map = (
		{ value = 1; text = "absent"; },
		{ value = 2; text = "ok"; },
		{ value = 3; text = "alarm"; code = "rectifier.failed"; } ); },
	{ name = "module_type"; map = (
		{ value = 1; text = "absent"; },
		{ value = 2; text = "power"; },
		{ value = 3; text = "battery"; },
		{ value = 4; text = "distribution"; } ); }
);

tables = (
	{ name = "module"; max_rows = 64; }
);

points = (
	{ point = "rectifier.{i}.status"; column = "10.1.2"; table = "module"; group = "measure"; values = "module_status"; },
	{ point = "rectifier.{i}.type"; column = "10.1.3"; table = "module"; group = "measure"; values = "module_type"; },
	{ point = "rectifier.{i}.voltage"; column = "10.1.4"; table = "module"; group = "measure"; unit = "V"; },

	{ point = "input.voltage"; oid = "6.0"; group = "measure"; unit = "V"; },
	{ point = "output.voltage"; oid = "7.0"; group = "measure"; unit = "V"; },
	{ point = "output.current"; oid = "8.0"; group = "measure"; unit = "A"; },
	{ point = "battery.temperature"; oid = "12.0"; group = "measure"; unit = "°C"; },
	# 13 is the charge where a battery module or monitor is there; 0 without one
	{ point = "battery.charge"; oid = "13.0"; group = "measure"; unit = "%"; },
	{ point = "battery.runtime"; oid = "15.0"; group = "measure"; unit = "s"; scale = 60; },

	{ point = "device.model"; oid = "1.0"; group = "ident"; },
	{ point = "ups.id"; oid = "2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "4.0"; group = "ident"; },
	{ point = "device.macaddr"; oid = "5.0"; group = "ident"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "battery.charge", "battery.runtime" ]; values = [ 0 ];
	  why = "0 is written where no battery is monitored; a battery that empties shows other values first"; },
	{ kind = "no-bulk"; why = "the cards answer GETBULK badly"; }
);
