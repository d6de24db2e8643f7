# SPDX-License-Identifier: Apache-2.0
name = "ict_inverter";
title = "ICT sine wave inverter";
transport = "snmp";
source = "LibreNMS definition ict-swi (ICT-INVERTER-MIB)";
base = "system";
root = ".1.3.6.1.4.1.39145.12";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.39145.12"; }
);

values = (
	{ name = "enabled"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; } ); },
	{ name = "relay"; map = (
		{ value = 1; text = "normal"; status = "OL"; },
		{ value = 2; text = "bypass"; status = "OL BYPASS"; } ); }
);

points = (
	{ point = "output.source"; oid = "11.0"; group = "status"; values = "relay"; },
	{ point = "output.status"; oid = "9.0"; group = "status"; values = "enabled"; },
	{ point = "battery.voltage"; oid = "6.0"; group = "measure"; unit = "V"; number_in_text = true; },
	{ point = "output.voltage"; oid = "7.0"; group = "measure"; unit = "V"; number_in_text = true; },
	{ point = "ups.load"; oid = "8.0"; group = "measure"; unit = "%"; number_in_text = true; },
	{ point = "device.model"; oid = "2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "4.0"; group = "ident"; }
);
