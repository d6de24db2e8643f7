# SPDX-License-Identifier: Apache-2.0
# CE+T TSI inverters: RFC 1628 with one word of another meaning, and every module.
name = "cet_tsi";
title = "CE+T Power TSI inverter (T2S-ETH)";
transport = "snmp";
source = "RFC 1628; CET-TSI-MIB; LibreNMS cetpower sensors; a recorded walk of a T2S-ETH supervisor, SNMP V1.0";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.12551.4.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.12551"; }
);

values = (
	# The inverter is fed from the DC bus by design and reports "battery" all its life. Whether mains is there is not told: no word.
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "normal"; status = "OL"; } ); }
);

tables = (
	# Column 2 is 0 in rows without a module; numbers of the others stay.
	{ name = "modules"; label = "1.1.1.2"; skip = [ "0" ]; max_rows = 64; },
	{ name = "phases"; label = "2.2.1.1"; skip = [ "0" ]; max_rows = 8; }
);

points = (
	{ point = "output.source"; oid = ".1.3.6.1.2.1.33.1.4.1.0"; group = "status"; values = "output_source"; },
	{ point = "ups.load"; column = "2.2.1.2"; table = "phases"; group = "measure"; unit = "%"; lines = "output.L{i}.power.percent"; },
	{ point = "output.voltage"; column = "2.2.1.6"; table = "phases"; group = "measure"; unit = "V"; lines = "output.L{i}-N.voltage"; },
	{ point = "output.current"; column = "2.2.1.7"; table = "phases"; group = "measure"; unit = "A"; scale = 0.01; lines = "output.L{i}.current"; },
	{ point = "output.realpower"; column = "2.2.1.12"; table = "phases"; group = "measure"; unit = "W"; lines = "output.L{i}.realpower"; },
	{ point = "output.power"; column = "2.2.1.13"; table = "phases"; group = "measure"; unit = "VA"; lines = "output.L{i}.power"; },
	{ point = "ups.realpower.nominal"; oid = "2.2.1.14.1"; group = "ident"; unit = "W"; },
	{ point = "module.{i}.voltage"; column = "1.1.1.16"; table = "modules"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "module.{i}.current"; column = "1.1.1.17"; table = "modules"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "module.{i}.voltage.input"; column = "1.1.1.20"; table = "modules"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "module.{i}.voltage.dc"; column = "1.1.1.25"; table = "modules"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "module.{i}.temperature"; column = "1.1.1.28"; table = "modules"; group = "measure"; unit = "°C"; }
);
