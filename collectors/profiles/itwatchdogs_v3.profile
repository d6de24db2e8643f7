# SPDX-License-Identifier: Apache-2.0
# IT Watchdogs Goose, firmware 3: a table per kind of sensor, sixteen of them. A sensor that was unplugged stays in its table with availability 0.
# Not read: the voltages of switching and measuring power units (11, 14, 19, 25), which are PDUs; fans in revolutions (13.1.7).
name = "itwatchdogs_v3";
title = "IT Watchdogs Goose, firmware 3";
transport = "snmp";
source = "IT-WATCHDOGS-MIB-V3 by LibreNMS wxgoos; no readings recorded";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.17373.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.17373.3"; },
	{ sysobjectid = ".1.3.6.1.4.1.17373.4.1"; probe = "2.1.5.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.17373.4.1"; probe = "2.1.7.1"; }
);

values = (
	{ name = "present"; map = (
		{ value = 0; text = "no"; },
		{ value = 1; text = "yes"; },
		{ value = 2; text = "partly"; } ); }
);

tables = (
	{ name = "climate"; first = 1; max_rows = 10; only = ( { column = "2.1.4"; is_not = [ 0 ]; } ); },
	{ name = "climate_all"; first = 1; max_rows = 10; },
	{ name = "temp"; first = 11; max_rows = 30; only = ( { column = "4.1.4"; is_not = [ 0 ]; } ); },
	{ name = "temp_all"; first = 11; max_rows = 30; },
	{ name = "airflow"; first = 41; max_rows = 30; only = ( { column = "5.1.4"; is_not = [ 0 ]; } ); },
	{ name = "airflow_all"; first = 41; max_rows = 30; },
	{ name = "dewpoint"; first = 71; max_rows = 30; only = ( { column = "17.1.4"; is_not = [ 0 ]; } ); },
	{ name = "dewpoint_all"; first = 71; max_rows = 30; },
	{ name = "relay"; first = 101; max_rows = 30; only = ( { column = "26.1.4"; is_not = [ 0 ]; } ); },
	{ name = "relay_all"; first = 101; max_rows = 30; },
	{ name = "t3hd"; first = 131; max_rows = 30; only = ( { column = "31.1.4"; is_not = [ 0 ]; } ); },
	{ name = "t3hd_all"; first = 131; max_rows = 30; },
	{ name = "thd"; first = 161; max_rows = 30; only = ( { column = "32.1.4"; is_not = [ 0 ]; } ); },
	{ name = "thd_all"; first = 161; max_rows = 30; },
	{ name = "vsfc"; first = 191; max_rows = 30; only = ( { column = "13.1.4"; is_not = [ 0 ]; } ); },
	{ name = "vsfc_all"; first = 191; max_rows = 30; },
	{ name = "dc60"; first = 221; max_rows = 20; only = ( { column = "33.1.4"; is_not = [ 0 ]; } ); },
	{ name = "dc30"; first = 241; max_rows = 20; only = ( { column = "23.1.4"; is_not = [ 0 ]; } ); },
	{ name = "dc48"; first = 261; max_rows = 20; only = ( { column = "22.1.4"; is_not = [ 0 ]; } ); },
	{ name = "power"; first = 281; max_rows = 20; only = ( { column = "3.1.4"; is_not = [ 0 ]; } ); }
);

points = (
	{ point = "ambient.{i}.present"; column = "2.1.4"; table = "climate_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "2.1.5"; table = "climate";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.1.7"; table = "climate";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.airflow"; column = "2.1.9"; table = "climate";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "2.1.3"; table = "climate";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "4.1.4"; table = "temp_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "4.1.5"; table = "temp";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "4.1.3"; table = "temp";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "5.1.4"; table = "airflow_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.5"; table = "airflow";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "5.1.8"; table = "airflow";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "5.1.3"; table = "airflow";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "17.1.4"; table = "dewpoint_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "17.1.5"; table = "dewpoint";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "17.1.7"; table = "dewpoint";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "17.1.3"; table = "dewpoint";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "26.1.4"; table = "relay_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "26.1.5"; table = "relay";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "26.1.3"; table = "relay";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "31.1.4"; table = "t3hd_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "31.1.6"; table = "t3hd";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "31.1.8"; table = "t3hd";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "31.1.3"; table = "t3hd";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "32.1.4"; table = "thd_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "32.1.5"; table = "thd";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "32.1.7"; table = "thd";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "32.1.3"; table = "thd";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "13.1.4"; table = "vsfc_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "13.1.8"; table = "vsfc";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "13.1.3"; table = "vsfc";  group = "ident"; },
	{ point = "ambient.{i}.voltage"; column = "33.1.5"; table = "dc60";  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.name"; column = "33.1.3"; table = "dc60";  group = "ident"; },
	{ point = "ambient.{i}.voltage"; column = "23.1.5"; table = "dc30";  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.name"; column = "23.1.3"; table = "dc30";  group = "ident"; },
	{ point = "ambient.{i}.voltage"; column = "22.1.5"; table = "dc48";  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.name"; column = "22.1.3"; table = "dc48";  group = "ident"; },
	{ point = "ambient.{i}.voltage"; column = "3.1.6"; table = "power";  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.name"; column = "3.1.3"; table = "power";  group = "ident"; }
);
