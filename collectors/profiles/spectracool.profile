# SPDX-License-Identifier: Apache-2.0
# Pentair SpectraCool: probe 1 is at the inlet, probe 2 at the outlet. The unit of all temperatures is a setting.
name = "spectracool";
title = "Pentair SpectraCool";
transport = "snmp";
source = "COMM-BOARD-MIB by LibreNMS; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.26609";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.26609"; },
	{ sysdescr = "^RTCS version"; probe = "2.4.1.2.0"; }
);

values = (
	{ name = "alarm"; map = (
		{ value = 1; text = "alarm"; },
		{ value = 2; text = "good"; } ); }
);

units = (
	{ name = "degrees"; map = (
		{ text = "2"; scale = 1; },
		{ text = "1"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "difference"; map = (
		{ text = "2"; scale = 1; },
		{ text = "1"; scale = 0.5555555555555556; } ); }
);

points = (
	{ point = "cooling.1.supply.temperature"; oid = "2.4.2.2.0"; units = "degrees"; unit_oid = "2.1.9.2.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.return.temperature"; oid = "2.4.1.2.0"; units = "degrees"; unit_oid = "2.1.9.2.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.temperature.setpoint"; oid = "2.1.1.2.0"; units = "degrees"; unit_oid = "2.1.9.2.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.heating.temperature.setpoint"; oid = "2.1.5.2.0"; units = "degrees"; unit_oid = "2.1.9.2.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	# not read as a temperature: 2.1.8.2 - it is a difference, 7.0 °F are 3.9 K; LibreNMS converts it like a temperature (-13.89 °C)
	{ point = "cooling.1.temperature.differential"; oid = "2.1.8.2.0"; units = "difference"; unit_oid = "2.1.9.2.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.alarm.1.state"; oid = "2.2.1.3.0"; values = "alarm"; only = ( { column = "2.2.1.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.1.name"; oid = "2.2.1.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.2.state"; oid = "2.2.4.3.0"; values = "alarm"; only = ( { column = "2.2.4.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.2.name"; oid = "2.2.4.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.3.state"; oid = "2.2.5.3.0"; values = "alarm"; only = ( { column = "2.2.5.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.3.name"; oid = "2.2.5.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.4.state"; oid = "2.2.6.3.0"; values = "alarm"; only = ( { column = "2.2.6.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.4.name"; oid = "2.2.6.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.5.state"; oid = "2.2.7.3.0"; values = "alarm"; only = ( { column = "2.2.7.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.5.name"; oid = "2.2.7.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.6.state"; oid = "2.2.8.3.0"; values = "alarm"; only = ( { column = "2.2.8.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.6.name"; oid = "2.2.8.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.7.state"; oid = "2.2.9.3.0"; values = "alarm"; only = ( { column = "2.2.9.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.7.name"; oid = "2.2.9.1.0";  group = "ident"; },
	{ point = "cooling.1.alarm.8.state"; oid = "2.2.10.3.0"; values = "alarm"; only = ( { column = "2.2.10.2"; is_not = [ 2 ]; } );  group = "status"; },
	{ point = "cooling.1.alarm.8.name"; oid = "2.2.10.1.0";  group = "ident"; }
);
