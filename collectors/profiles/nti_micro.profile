# SPDX-License-Identifier: Apache-2.0
# NTI ENVIROMUX-MICRO and 1W. Internal sensors are ambient.1 on, external ones 11 on. Type 0 is an empty place, 24 a dew point.
name = "nti_micro";
title = "NTI ENVIROMUX-MICRO and 1W";
transport = "snmp";
source = "ENVIROMUXMICRO-MIB, ENVIROMUX-1W-MIB; LibreNMS nti sensors; recorded walks";
base = "system";
root = ".1.3.6.1.4.1.3699.1.1.12";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.3699.1.1.12"; }
);

values = (
	{ name = "input"; map = (
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; } ); }
);

tables = (
	{ name = "internal"; max_rows = 10; first = 1; },
	{ name = "external"; first = 11; max_rows = 64; },
	{ name = "inputs"; max_rows = 16; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "1.1.1.1.4"; table = "internal"; scale = 0.1; only = ( { column = "1.1.1.1.2"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "1.1.1.1.4"; table = "internal"; scale = 0.1; only = ( { column = "1.1.1.1.2"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature.dewpoint"; column = "1.1.1.1.4"; table = "internal"; scale = 0.1; only = ( { column = "1.1.1.1.2"; is = [ 24 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "1.1.1.1.3"; table = "internal"; only = ( { column = "1.1.1.1.2"; is_not = [ 0 ]; } );  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "1.2.1.1.4"; table = "external"; scale = 0.1; only = ( { column = "1.2.1.1.2"; is = [ 1 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "1.2.1.1.4"; table = "external"; scale = 0.1; only = ( { column = "1.2.1.1.2"; is = [ 2 ]; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature.dewpoint"; column = "1.2.1.1.4"; table = "external"; scale = 0.1; only = ( { column = "1.2.1.1.2"; is = [ 24 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; column = "1.2.1.1.3"; table = "external"; only = ( { column = "1.2.1.1.2"; is_not = [ 0 ]; } );  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; column = "1.3.1.1.3"; table = "inputs"; values = "input";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "1.3.1.1.2"; table = "inputs";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -2147483648L ]; why = "a sensor that is not there"; }
);
