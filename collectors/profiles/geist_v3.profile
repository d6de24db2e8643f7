# SPDX-License-Identifier: Apache-2.0
# Geist climate monitors of the third generation. Numbers 1 to 9 are the device itself, each further ten one kind of sensor.
name = "geist_v3";
title = "Geist climate monitors of the third generation";
transport = "snmp";
source = "GEIST-MIB-V3; LibreNMS geist-watchdog sensors";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.21239";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.21239.2"; }
);

tables = (
	{ name = "climate"; first = 1; max_rows = 9; only = ( { column = "2.2.1.4"; is = [ 1 ]; } ); },
	{ name = "temperatures"; first = 11; max_rows = 9; only = ( { column = "2.4.1.4"; is = [ 1 ]; } ); },
	{ name = "air_flows"; first = 21; max_rows = 9; only = ( { column = "2.5.1.4"; is = [ 1 ]; } ); },
	{ name = "dew_points"; first = 31; max_rows = 9; only = ( { column = "2.17.1.4"; is = [ 1 ]; } ); },
	{ name = "t3hds"; first = 41; max_rows = 9; only = ( { column = "2.31.1.4"; is = [ 1 ]; } ); },
	{ name = "thds"; first = 51; max_rows = 9; only = ( { column = "2.32.1.4"; is = [ 1 ]; } ); },
	{ name = "relays"; first = 61; max_rows = 9; only = ( { column = "2.26.1.4"; is = [ 1 ]; } ); },
	{ name = "volts"; first = 1; max_rows = 9; },
	{ name = "dc48"; first = 11; max_rows = 9; },
	{ name = "dc30"; first = 21; max_rows = 9; },
	{ name = "dc60"; first = 31; max_rows = 9; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "2.2.1.5"; table = "climate"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.2.1.7"; table = "climate"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "2.2.1.3"; table = "climate"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.4.1.5"; table = "temperatures"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "2.4.1.3"; table = "temperatures"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.5.1.5"; table = "air_flows"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "2.5.1.3"; table = "air_flows"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.17.1.5"; table = "dew_points"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "2.17.1.3"; table = "dew_points"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.31.1.6"; table = "t3hds"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.31.1.8"; table = "t3hds"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "2.31.1.5"; table = "t3hds"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.32.1.5"; table = "thds"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.32.1.7"; table = "thds"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "2.32.1.3"; table = "thds"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.26.1.5"; table = "relays"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "2.26.1.3"; table = "relays"; group = "ident"; },
	{ point = "input.{i}.voltage"; column = "2.3.1.6"; table = "volts"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.voltage"; column = "2.22.1.5"; table = "dc48"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.voltage"; column = "2.23.1.5"; table = "dc30"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.voltage"; column = "2.33.1.5"; table = "dc60"; group = "measure"; unit = "V"; }
);
