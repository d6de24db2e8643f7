# SPDX-License-Identifier: Apache-2.0
# Dantel WebMon Edge Matrix: sensors on board are ambient.1 on, those of slot s ambient.64*s+1 on. Column 131 is the kind: 1 temperature, 2 humidity.
# Not read: 7.18.1.66.2 of the recorded walk, a temperature without a unit; its limits of -67 and 302 say that LibreNMS takes °F for °C.
name = "webmon";
title = "Dantel WebMon Edge Matrix";
transport = "snmp";
source = "WEBMON-EDGE-MATRIX-MIB by LibreNMS; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.994.3.4";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.994.3.4"; }
);

tables = (
	{ name = "onboard"; first = 1; max_rows = 64; only = ( { column = "7.6.1.131"; is = [ 1, 2 ]; } ); },
	{ name = "slot1"; first = 65; max_rows = 64; only = ( { column = "7.18.1.131"; is = [ 1, 2 ]; } ); },
	{ name = "slot2"; first = 129; max_rows = 64; only = ( { column = "7.19.1.131"; is = [ 1, 2 ]; } ); },
	{ name = "slot3"; first = 193; max_rows = 64; only = ( { column = "7.20.1.131"; is = [ 1, 2 ]; } ); },
	{ name = "slot4"; first = 257; max_rows = 64; only = ( { column = "7.21.1.131"; is = [ 1, 2 ]; } ); },
	{ name = "slot5"; first = 321; max_rows = 64; only = ( { column = "7.22.1.131"; is = [ 1, 2 ]; } ); },
	{ name = "slot6"; first = 385; max_rows = 64; only = ( { column = "7.23.1.131"; is = [ 1, 2 ]; } ); }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "7.6.1.66"; table = "onboard"; only = ( { column = "7.6.1.131"; is = [ 1 ]; }, { column = "7.6.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.6.1.66"; table = "onboard"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.6.1.131"; is = [ 1 ]; }, { column = "7.6.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.6.1.66"; table = "onboard"; only = ( { column = "7.6.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.6.1.65"; table = "onboard";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.6.1.3"; table = "onboard";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.18.1.66"; table = "slot1"; only = ( { column = "7.18.1.131"; is = [ 1 ]; }, { column = "7.18.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.18.1.66"; table = "slot1"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.18.1.131"; is = [ 1 ]; }, { column = "7.18.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.18.1.66"; table = "slot1"; only = ( { column = "7.18.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.18.1.65"; table = "slot1";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.18.1.3"; table = "slot1";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.19.1.66"; table = "slot2"; only = ( { column = "7.19.1.131"; is = [ 1 ]; }, { column = "7.19.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.19.1.66"; table = "slot2"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.19.1.131"; is = [ 1 ]; }, { column = "7.19.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.19.1.66"; table = "slot2"; only = ( { column = "7.19.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.19.1.65"; table = "slot2";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.19.1.3"; table = "slot2";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.20.1.66"; table = "slot3"; only = ( { column = "7.20.1.131"; is = [ 1 ]; }, { column = "7.20.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.20.1.66"; table = "slot3"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.20.1.131"; is = [ 1 ]; }, { column = "7.20.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.20.1.66"; table = "slot3"; only = ( { column = "7.20.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.20.1.65"; table = "slot3";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.20.1.3"; table = "slot3";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.21.1.66"; table = "slot4"; only = ( { column = "7.21.1.131"; is = [ 1 ]; }, { column = "7.21.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.21.1.66"; table = "slot4"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.21.1.131"; is = [ 1 ]; }, { column = "7.21.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.21.1.66"; table = "slot4"; only = ( { column = "7.21.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.21.1.65"; table = "slot4";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.21.1.3"; table = "slot4";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.22.1.66"; table = "slot5"; only = ( { column = "7.22.1.131"; is = [ 1 ]; }, { column = "7.22.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.22.1.66"; table = "slot5"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.22.1.131"; is = [ 1 ]; }, { column = "7.22.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.22.1.66"; table = "slot5"; only = ( { column = "7.22.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.22.1.65"; table = "slot5";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.22.1.3"; table = "slot5";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "7.23.1.66"; table = "slot6"; only = ( { column = "7.23.1.131"; is = [ 1 ]; }, { column = "7.23.1.46"; match = "^C"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "7.23.1.66"; table = "slot6"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "7.23.1.131"; is = [ 1 ]; }, { column = "7.23.1.46"; match = "^F"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "7.23.1.66"; table = "slot6"; only = ( { column = "7.23.1.131"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.status"; column = "7.23.1.65"; table = "slot6";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "7.23.1.3"; table = "slot6";  group = "ident"; }
);
