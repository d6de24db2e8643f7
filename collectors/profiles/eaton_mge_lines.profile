# SPDX-License-Identifier: Apache-2.0
# Lines of the MGE tree in tenths, where the standard MIB does not tell them: cards of single-phase devices repeat one line three times here.
name = "eaton_mge_lines";
title = "MGE UPS, its lines";
transport = "snmp";
source = "MG-SNMP-UPS-MIB; networkupstools/nut drivers/mge-mib.c";
root = ".1.3.6.1.4.1.705.1";

tables = (
	{ name = "mge_input"; count = "6.1.0"; max_rows = 3; drop_zero_rows = true; },
	{ name = "mge_output"; count = "7.1.0"; max_rows = 3; drop_zero_rows = true; }
);

points = (
	{ point = "battery.current"; oid = "5.6.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.phases"; oid = "6.1.0"; group = "ident"; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "6.2.1.2"; table = "mge_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.frequency"; lines = "input.L{i}.frequency"; column = "6.2.1.3"; table = "mge_input"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.current"; lines = "input.L{i}.current"; column = "6.2.1.6"; table = "mge_input"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.phases"; oid = "7.1.0"; group = "ident"; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "7.2.1.2"; table = "mge_output"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.frequency"; lines = "output.L{i}.frequency"; column = "7.2.1.3"; table = "mge_output"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "ups.load"; lines = "output.L{i}.power.percent"; column = "7.2.1.4"; table = "mge_output"; group = "measure"; unit = "%"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "7.2.1.5"; table = "mge_output"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "ups.power.nominal"; oid = "4.12.0"; group = "ident"; unit = "VA"; },
	{ point = "output.voltage.nominal"; oid = "4.15.0"; group = "ident"; unit = "V"; }
);
