# SPDX-License-Identifier: Apache-2.0
# Geist Watchdog climate monitors. Numbers 1 to 9 are the device itself, each further ten one kind of sensor.
name = "geist";
title = "Geist Watchdog climate monitors";
transport = "snmp";
source = "GEIST-V4-MIB; LibreNMS geist-watchdog sensors";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.21239";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.21239.5.1"; }
);

units = (
	{ name = "degrees"; map = (
		{ text = ""; scale = 1; },
		{ text = "1"; scale = 1; },
		{ text = "0"; scale = 0.555555556; offset = -17.777777778; } ); }	# Fahrenheit
);

tables = (
	{ name = "internal"; first = 1; max_rows = 9; },
	{ name = "temperatures"; first = 11; max_rows = 9; },
	{ name = "air_flows"; first = 21; max_rows = 9; },
	{ name = "dew_points"; first = 31; max_rows = 9; },
	{ name = "t3hds"; first = 41; max_rows = 9; },
	{ name = "thds"; first = 51; max_rows = 9; },
	{ name = "meters"; first = 1; max_rows = 16; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "5.1.2.1.5"; table = "internal"; group = "measure"; unit = "°C"; scale = 0.1; units = "degrees"; unit_oid = "5.1.1.7.0"; },
	{ point = "ambient.{i}.humidity"; column = "5.1.2.1.6"; table = "internal"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "5.1.2.1.3"; table = "internal"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.4.1.5"; table = "temperatures"; group = "measure"; unit = "°C"; scale = 0.1; units = "degrees"; unit_oid = "5.1.1.7.0"; },
	{ point = "ambient.{i}.name"; column = "5.1.4.1.3"; table = "temperatures"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.5.1.5"; table = "air_flows"; group = "measure"; unit = "°C"; scale = 0.1; units = "degrees"; unit_oid = "5.1.1.7.0"; },
	{ point = "ambient.{i}.name"; column = "5.1.5.1.3"; table = "air_flows"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.6.1.5"; table = "dew_points"; group = "measure"; unit = "°C"; scale = 0.1; units = "degrees"; unit_oid = "5.1.1.7.0"; },
	{ point = "ambient.{i}.name"; column = "5.1.6.1.3"; table = "dew_points"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.8.1.6"; table = "t3hds"; group = "measure"; unit = "°C"; scale = 0.1; units = "degrees"; unit_oid = "5.1.1.7.0"; },
	{ point = "ambient.{i}.humidity"; column = "5.1.8.1.7"; table = "t3hds"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "5.1.8.1.5"; table = "t3hds"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.9.1.5"; table = "thds"; group = "measure"; unit = "°C"; scale = 0.1; units = "degrees"; unit_oid = "5.1.1.7.0"; },
	{ point = "ambient.{i}.humidity"; column = "5.1.9.1.6"; table = "thds"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "5.1.9.1.3"; table = "thds"; group = "ident"; },
	{ point = "input.{i}.voltage"; column = "5.1.10.1.6"; table = "meters"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.current"; column = "5.1.10.1.10"; table = "meters"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "ups.firmware.aux"; oid = "5.1.1.2.0"; group = "ident"; }
);
# not read: relays and contact tables - no source states their columns
