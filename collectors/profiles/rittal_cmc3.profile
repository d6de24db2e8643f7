# SPDX-License-Identifier: Apache-2.0
# Rittal CMC III, IoT Interface and all that is built on them: one long table of variables, device.variable. A sensor begins with its DescName,
# so sensor s of device d is ambient.32*(d-1)+s, and its value, state and name share the number. Unit and divisor stand in each row.
name = "rittal_cmc3";
title = "Rittal CMC III and IoT Interface";
transport = "snmp";
source = "RITTAL-CMC-III-MIB; LibreNMS rittal-cmc-iii sensors; a recorded walk of a PU Compact";
base = "system";
root = ".1.3.6.1.4.1.2606.7";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2606.7"; }
);

values = (
	{ name = "unit"; map = (
		{ value = 1; text = "ok"; },
		{ value = 2; text = "critical"; },
		{ value = 3; text = "warning"; } ); },
	{ name = "access"; map = (
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; } ); },
	{ name = "signal"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); },
	{ name = "on_off"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); }
);

tables = (
	{ name = "var"; max_rows = 4000; numbers = [ 31, 32 ]; factor = "4.2.2.1.7"; begins = ( { column = "4.2.2.1.3"; match = "DescName$"; } ); }
);

points = (
	{ point = "device.status"; oid = "2.1.0"; values = "unit";  group = "status"; },
	{ point = "ambient.{i}.temperature"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "C$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "4.2.2.1.11"; table = "var"; scale = 0.5555555555555556; offset = -17.77777777777778; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "(degree |°)F$"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^%$"; }, { column = "4.2.2.1.3"; match = "Humidity"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.percent"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^%$"; }, { column = "4.2.2.1.3"; unless = "Humidity|V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.voltage"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^V$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "V"; },
	{ point = "ambient.{i}.current"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^A$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "A"; },
	{ point = "ambient.{i}.current"; column = "4.2.2.1.11"; table = "var"; scale = 0.001; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^mA$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "A"; },
	{ point = "ambient.{i}.frequency"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^Hz$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "Hz"; },
	{ point = "ambient.{i}.realpower"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^W$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "W"; },
	{ point = "ambient.{i}.power"; column = "4.2.2.1.11"; table = "var";  only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^VA$"; }, { column = "4.2.2.1.3"; unless = "V24 Port|USB-Stick|SD-Card|Login|Power Factor|Runtime"; } );  group = "measure"; unit = "VA"; },
	{ point = "ambient.{i}.contacts.1.status"; column = "4.2.2.1.11"; table = "var"; values = "access"; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^ *$"; }, { column = "4.2.2.1.3"; match = "^Access"; } );  group = "status"; },
	{ point = "ambient.{i}.contacts.1.status"; column = "4.2.2.1.11"; table = "var"; values = "signal"; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^ *$"; }, { column = "4.2.2.1.3"; unless = "^(Access|Smoke|Leak|Motion|Vandalism)|Login|V24 Port|USB-Stick|SD-Card"; } );  group = "status"; },
	{ point = "ambient.{i}.smoke"; column = "4.2.2.1.11"; table = "var"; true_when = [ 1 ]; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^ *$"; }, { column = "4.2.2.1.3"; match = "^Smoke"; } );  group = "status"; },
	{ point = "ambient.{i}.leak"; column = "4.2.2.1.11"; table = "var"; true_when = [ 1 ]; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^ *$"; }, { column = "4.2.2.1.3"; match = "^Leak"; } );  group = "status"; },
	{ point = "ambient.{i}.motion"; column = "4.2.2.1.11"; table = "var"; true_when = [ 1 ]; only = ( { column = "4.2.2.1.4"; is = [ 2 ]; }, { column = "4.2.2.1.5"; match = "^ *$"; }, { column = "4.2.2.1.3"; match = "^Motion"; } );  group = "status"; },
	# the device's own words
	{ point = "ambient.{i}.status"; column = "4.2.2.1.10"; table = "var"; only = ( { column = "4.2.2.1.4"; is = [ 7 ]; } );  group = "status"; },
	{ point = "ambient.{i}.name"; column = "4.2.2.1.10"; table = "var"; only = ( { column = "4.2.2.1.3"; match = "DescName$"; } );  group = "ident"; },
	{ point = "relay.{i}.status"; column = "4.2.2.1.11"; table = "var"; values = "on_off"; only = ( { column = "4.2.2.1.4"; is = [ 20 ]; } );  group = "status"; },
	{ point = "device.model"; oid = "4.1.2.1.2.1";  group = "ident"; },
	{ point = "device.serial"; oid = "2.4.0";  group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "2.3.0";  group = "ident"; }
);
