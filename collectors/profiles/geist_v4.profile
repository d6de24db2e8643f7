# SPDX-License-Identifier: Apache-2.0
# Geist Watchdog, firmware 4: internal and plugged sensors, a table per kind. Temperatures count tenths of the unit that is set (object 1.7: 0 means °F).
name = "geist_v4";
title = "Geist Watchdog, firmware 4";
transport = "snmp";
source = "GEIST-V4-MIB by LibreNMS geist-watchdog; no readings recorded";
base = "system";
root = ".1.3.6.1.4.1.21239.5.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.21239.5.1"; }
);

values = (
	{ name = "present"; map = (
		{ value = 0; text = "no"; },
		{ value = 1; text = "yes"; },
		{ value = 2; text = "partly"; } ); }
);

tables = (
	{ name = "internal"; first = 1; max_rows = 16; only = ( { column = "2.1.4"; is_not = [ 0 ]; } ); },
	{ name = "internal_all"; first = 1; max_rows = 16; },
	{ name = "temp"; first = 17; max_rows = 64; only = ( { column = "4.1.4"; is_not = [ 0 ]; } ); },
	{ name = "temp_all"; first = 17; max_rows = 64; },
	{ name = "airflow"; first = 81; max_rows = 64; only = ( { column = "5.1.4"; is_not = [ 0 ]; } ); },
	{ name = "airflow_all"; first = 81; max_rows = 64; },
	{ name = "dewpoint"; first = 145; max_rows = 64; only = ( { column = "6.1.4"; is_not = [ 0 ]; } ); },
	{ name = "dewpoint_all"; first = 145; max_rows = 64; },
	{ name = "t3hd"; first = 209; max_rows = 64; only = ( { column = "8.1.4"; is_not = [ 0 ]; } ); },
	{ name = "t3hd_all"; first = 209; max_rows = 64; },
	{ name = "thd"; first = 273; max_rows = 64; only = ( { column = "9.1.4"; is_not = [ 0 ]; } ); },
	{ name = "thd_all"; first = 273; max_rows = 64; },
	{ name = "rpm"; first = 337; max_rows = 64; only = ( { column = "10.1.4"; is_not = [ 0 ]; } ); }
);

points = (
	{ point = "ambient.{i}.present"; column = "2.1.4"; table = "internal_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "2.1.5"; table = "internal"; scale = 0.1; only = ( { column = "1.7"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "2.1.5"; table = "internal"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.7"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.1.6"; table = "internal";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "2.1.3"; table = "internal";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "4.1.4"; table = "temp_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "4.1.5"; table = "temp"; scale = 0.1; only = ( { column = "1.7"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "4.1.5"; table = "temp"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.7"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "4.1.3"; table = "temp";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "5.1.4"; table = "airflow_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.5"; table = "airflow"; scale = 0.1; only = ( { column = "1.7"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "5.1.5"; table = "airflow"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.7"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.airflow"; column = "5.1.6"; table = "airflow";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "5.1.3"; table = "airflow";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "6.1.4"; table = "dewpoint_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "6.1.5"; table = "dewpoint"; scale = 0.1; only = ( { column = "1.7"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "6.1.5"; table = "dewpoint"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.7"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "6.1.3"; table = "dewpoint";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "8.1.4"; table = "t3hd_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "8.1.6"; table = "t3hd"; scale = 0.1; only = ( { column = "1.7"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "8.1.6"; table = "t3hd"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.7"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "8.1.7"; table = "t3hd";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "8.1.3"; table = "t3hd";  group = "ident"; },
	{ point = "ambient.{i}.present"; column = "9.1.4"; table = "thd_all"; values = "present"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "9.1.5"; table = "thd"; scale = 0.1; only = ( { column = "1.7"; is_not = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "9.1.5"; table = "thd"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "1.7"; is = [ 0 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "9.1.6"; table = "thd";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "9.1.3"; table = "thd";  group = "ident"; },
	{ point = "ambient.{i}.voltage"; column = "10.1.6"; table = "rpm";  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.current"; column = "10.1.10"; table = "rpm"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "ambient.{i}.name"; column = "10.1.3"; table = "rpm";  group = "ident"; }
);
