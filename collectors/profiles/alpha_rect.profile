# SPDX-License-Identifier: Apache-2.0
# Alpha Cordex CXC system controllers of the rectifier family: everything in thousandths.
name = "alpha_rect";
title = "Alpha Cordex CXC rectifier system";
transport = "snmp";
source = "ALPHA-RECTIFIER-SYS-MIB; LibreNMS cxc sensors; a recorded walk";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.7309.5";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.7309.5"; }
);

points = (
	{ point = "rectifier.current"; oid = "3.1.1.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "output.realpower"; oid = "3.1.2.0"; group = "measure"; unit = "W"; scale = 0.001; },
	{ point = "output.current.nominal"; oid = "3.1.3.0"; group = "ident"; unit = "A"; scale = 0.001; },
	{ point = "ups.realpower.nominal"; oid = "3.1.4.0"; group = "ident"; unit = "W"; scale = 0.001; },
	{ point = "rectifier.voltage"; oid = "3.1.5.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "input.voltage"; oid = "3.1.6.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "output.voltage"; oid = "3.1.10.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "output.current"; oid = "3.1.11.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "battery.voltage"; oid = "3.1.12.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "battery.current"; oid = "3.1.13.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "battery.temperature"; oid = "3.1.14.0"; group = "measure"; unit = "°C"; scale = 0.001; },
	{ point = "battery.runtime"; oid = "3.1.31.0"; group = "measure"; unit = "s"; scale = 3.6; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "device.serial"; oid = "2.1.2.1.6.1.1"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.*", "rectifier.*", "output.*", "input.*" ]; values = [ 2147483647L ]; why = "what is not fitted or not worked out"; }
);
# not read: 3.1.16 and on - totals whose meaning no source states
