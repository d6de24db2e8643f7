# SPDX-License-Identifier: Apache-2.0
# Rittal CMC-TC with up to four sensor units; sensor s of unit u is ambient.64*(u-1)+s. The type of a sensor tells its quantity:
# 10 and 48 to 57 air temperatures, 58 59 64 66 100 101 water temperatures, 12 humidity, 27 heat, 61 and 62 fan and valve in percent.
# Not read: fan speeds in revolutions (40 to 47) and water flow (60), for which there is no point.
name = "rittal_cmc_tc";
title = "Rittal CMC-TC";
transport = "snmp";
source = "RITTAL-CMC-TC-MIB; LibreNMS rittal-cmc sensors; a recorded walk of an LCP inline unit";
base = "system";
root = ".1.3.6.1.4.1.2606.4";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2606.4"; }
);

values = (
	{ name = "condition"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "ok"; },
		{ value = 3; text = "warning"; },
		{ value = 4; text = "critical"; },
		{ value = 5; text = "configuration changed"; } ); },
	{ name = "sensor"; map = (
		{ value = 1; text = "absent"; },
		{ value = 2; text = "lost"; },
		{ value = 3; text = "changed"; },
		{ value = 4; text = "good"; },
		{ value = 5; text = "off"; },
		{ value = 6; text = "on"; },
		{ value = 7; text = "warning"; },
		{ value = 8; text = "too low"; },
		{ value = 9; text = "too high"; },
		{ value = 10; text = "error"; } ); }
);

tables = (
	{ name = "unit1"; first = 1; max_rows = 64; only = ( { column = "2.3.5.2.1.2"; is_not = [ 1, 2 ]; } ); },
	{ name = "unit2"; first = 65; max_rows = 64; only = ( { column = "2.4.5.2.1.2"; is_not = [ 1, 2 ]; } ); },
	{ name = "unit3"; first = 129; max_rows = 64; only = ( { column = "2.5.5.2.1.2"; is_not = [ 1, 2 ]; } ); },
	{ name = "unit4"; first = 193; max_rows = 64; only = ( { column = "2.6.5.2.1.2"; is_not = [ 1, 2 ]; } ); }
);

points = (
	{ point = "device.status"; oid = "1.3.0"; values = "condition";  group = "status"; },
	{ point = "ambient.{i}.temperature"; column = "2.3.5.2.1.5"; table = "unit1"; only = ( { column = "2.3.5.2.1.2"; is = [ 10, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 64, 66, 100, 101 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.3.5.2.1.5"; table = "unit1"; only = ( { column = "2.3.5.2.1.2"; is = [ 12 ]; } );  group = "measure"; unit = "%"; },
	# LibreNMS: fan speed in percent
	{ point = "ambient.{i}.percent"; column = "2.3.5.2.1.5"; table = "unit1"; only = ( { column = "2.3.5.2.1.2"; is = [ 61, 62 ]; } );  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.capacity"; column = "2.3.5.2.1.5"; table = "unit1"; only = ( { column = "2.3.5.2.1.2"; is = [ 27 ]; } );  group = "measure"; unit = "W"; },
	{ point = "ambient.{i}.status"; column = "2.3.5.2.1.4"; table = "unit1"; values = "sensor";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "2.3.5.2.1.3"; table = "unit1";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.4.5.2.1.5"; table = "unit2"; only = ( { column = "2.4.5.2.1.2"; is = [ 10, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 64, 66, 100, 101 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.4.5.2.1.5"; table = "unit2"; only = ( { column = "2.4.5.2.1.2"; is = [ 12 ]; } );  group = "measure"; unit = "%"; },
	# LibreNMS: fan speed in percent
	{ point = "ambient.{i}.percent"; column = "2.4.5.2.1.5"; table = "unit2"; only = ( { column = "2.4.5.2.1.2"; is = [ 61, 62 ]; } );  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.capacity"; column = "2.4.5.2.1.5"; table = "unit2"; only = ( { column = "2.4.5.2.1.2"; is = [ 27 ]; } );  group = "measure"; unit = "W"; },
	{ point = "ambient.{i}.status"; column = "2.4.5.2.1.4"; table = "unit2"; values = "sensor";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "2.4.5.2.1.3"; table = "unit2";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.5.5.2.1.5"; table = "unit3"; only = ( { column = "2.5.5.2.1.2"; is = [ 10, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 64, 66, 100, 101 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.5.5.2.1.5"; table = "unit3"; only = ( { column = "2.5.5.2.1.2"; is = [ 12 ]; } );  group = "measure"; unit = "%"; },
	# LibreNMS: fan speed in percent
	{ point = "ambient.{i}.percent"; column = "2.5.5.2.1.5"; table = "unit3"; only = ( { column = "2.5.5.2.1.2"; is = [ 61, 62 ]; } );  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.capacity"; column = "2.5.5.2.1.5"; table = "unit3"; only = ( { column = "2.5.5.2.1.2"; is = [ 27 ]; } );  group = "measure"; unit = "W"; },
	{ point = "ambient.{i}.status"; column = "2.5.5.2.1.4"; table = "unit3"; values = "sensor";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "2.5.5.2.1.3"; table = "unit3";  group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "2.6.5.2.1.5"; table = "unit4"; only = ( { column = "2.6.5.2.1.2"; is = [ 10, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 64, 66, 100, 101 ]; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.6.5.2.1.5"; table = "unit4"; only = ( { column = "2.6.5.2.1.2"; is = [ 12 ]; } );  group = "measure"; unit = "%"; },
	# LibreNMS: fan speed in percent
	{ point = "ambient.{i}.percent"; column = "2.6.5.2.1.5"; table = "unit4"; only = ( { column = "2.6.5.2.1.2"; is = [ 61, 62 ]; } );  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.capacity"; column = "2.6.5.2.1.5"; table = "unit4"; only = ( { column = "2.6.5.2.1.2"; is = [ 27 ]; } );  group = "measure"; unit = "W"; },
	{ point = "ambient.{i}.status"; column = "2.6.5.2.1.4"; table = "unit4"; values = "sensor";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "2.6.5.2.1.3"; table = "unit4";  group = "ident"; }
);
