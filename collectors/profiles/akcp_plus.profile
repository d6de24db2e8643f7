# SPDX-License-Identifier: Apache-2.0
# AKCP sensorProbe+ (SP2+, SPX). Sensors have an index of five numbers: a dual sensor's temperature and humidity stand in two rows.
name = "akcp_plus";
title = "AKCP sensorProbe+ and sensorProbeX+";
transport = "snmp";
source = "SPAGENT-MIB; LibreNMS akcp sensors; no recording";
base = "system";
root = ".1.3.6.1.4.1.3854.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.3854.3"; },
	{ sysobjectid = ".1.3.6.1.4.1.3854"; sysdescr = "^SP(X|[0-9]+\\+)"; },
	{ sysobjectid = ".1.3.6.1.4.1.3854"; probe = "5.2.1.2.0.0.0.0.0"; }
);

values = (
	{ name = "state"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "warning high"; },
		{ value = 4; text = "critical high"; },
		{ value = 5; text = "warning low"; },
		{ value = 6; text = "critical low"; },
		{ value = 7; text = "lost"; },
		{ value = 8; text = "on"; },
		{ value = 9; text = "off"; } ); },
	{ name = "online"; map = (
		{ value = 1; text = "yes"; },
		{ value = 2; text = "no"; } ); }
);

tables = (
	{ name = "temperature"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 1; only = ( { column = "5.2.1.8"; is = [ 1 ]; } ); },
	{ name = "humidity"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 1; only = ( { column = "5.3.1.8"; is = [ 1 ]; } ); },
	{ name = "contact"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 1; only = ( { column = "5.4.1.8"; is = [ 1 ]; } ); },
	{ name = "current"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 201; only = ( { column = "5.5.1.8"; is = [ 1 ]; } ); },
	{ name = "voltage"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 401; only = ( { column = "5.6.1.8"; is = [ 1 ]; } ); },
	{ name = "airflow"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 601; only = ( { column = "5.7.1.8"; is = [ 1 ]; } ); },
	{ name = "all"; max_rows = 128; numbers = [ 1, 16, 4, 2, 1 ]; from = 0; first = 1; }
);

points = (
	{ point = "ambient.{i}.present"; column = "5.2.1.8"; table = "all"; values = "online"; relearn = true;  group = "measure"; },
	{ point = "ambient.{i}.temperature"; column = "5.2.1.20"; table = "temperature"; scale = 0.1; only = ( { column = "5.2.1.5"; unless = "F";  } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "5.2.1.20"; table = "temperature"; scale = 0.05555555555555556; offset = -17.77777777777778; only = ( { column = "5.2.1.5"; match = "F";  } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "5.2.1.4"; table = "temperature"; instead = true; only = ( { column = "5.2.1.5"; unless = "F";  } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "5.2.1.4"; table = "temperature"; scale = 0.5555555555555556; offset = -17.77777777777778; instead = true; only = ( { column = "5.2.1.5"; match = "F";  } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.status"; column = "5.2.1.6"; table = "temperature"; values = "state";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "5.2.1.2"; table = "temperature";  group = "ident"; },
	{ point = "ambient.{i}.humidity"; column = "5.3.1.4"; table = "humidity";  group = "measure"; unit = "%"; },
	{ point = "ambient.contacts.{i}.state"; column = "5.4.1.6"; table = "contact"; values = "state";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "5.4.1.2"; table = "contact";  group = "ident"; },
	{ point = "ambient.{i}.current"; column = "5.5.1.20"; table = "current"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "ambient.{i}.name"; column = "5.5.1.2"; table = "current";  group = "ident"; },
	{ point = "ambient.{i}.status"; column = "5.5.1.6"; table = "current"; values = "state";  group = "status"; },
	{ point = "ambient.{i}.voltage"; column = "5.6.1.20"; table = "voltage"; scale = 0.1;  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.name"; column = "5.6.1.2"; table = "voltage";  group = "ident"; },
	{ point = "ambient.{i}.status"; column = "5.6.1.6"; table = "voltage"; values = "state";  group = "status"; },
	{ point = "ambient.{i}.airflow"; column = "5.7.1.20"; table = "airflow"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "5.7.1.2"; table = "airflow";  group = "ident"; },
	{ point = "ambient.{i}.status"; column = "5.7.1.6"; table = "airflow"; values = "state";  group = "status"; }
);
