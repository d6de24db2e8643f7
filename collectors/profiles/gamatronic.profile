# SPDX-License-Identifier: Apache-2.0
# Gamatronic modular UPSs: voltages and currents of the lines, and the DC system.
name = "gamatronic";
title = "Gamatronic UPS";
transport = "snmp";
source = "LibreNMS gamatronicups sensors";
base = "rfc1628";
priority = 5;
root = ".1.3.6.1.4.1.6050";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.6050"; }
);

tables = (
	{ name = "g_input"; drop_zero_rows = true; like = "g_output"; },
	{ name = "g_output"; drop_zero_rows = true; },
	{ name = "batteries"; max_rows = 32; }
);

points = (
	{ point = "input.voltage"; column = "5.4.1.1.2"; table = "g_input"; group = "measure"; unit = "V"; lines = "input.L{i}-N.voltage"; },
	{ point = "input.current"; column = "5.4.1.1.3"; table = "g_input"; group = "measure"; unit = "A"; lines = "input.L{i}.current"; },
	{ point = "output.voltage"; column = "5.5.1.1.2"; table = "g_output"; group = "measure"; unit = "V"; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "5.5.1.1.3"; table = "g_output"; group = "measure"; unit = "A"; lines = "output.L{i}.current"; },
	{ point = "battery.voltage"; oid = "1.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.{i}.current"; column = "1.2.26.1.3"; table = "batteries"; group = "measure"; unit = "A"; scale = 0.1; }
);
# not read: 1.2.5 - a temperature whose sign another object holds
