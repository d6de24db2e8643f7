# SPDX-License-Identifier: Apache-2.0
# KentixONE sensors. Temperature, humidity and dew point of sensor n are ambient.n; its CO detector is ambient.100+n, fire detection by
# infrared, heat and air quality 200, 300 and 400+n. Not read: the CO level (5.1.2), whose unit is not told.
name = "kentix";
title = "KentixONE";
transport = "snmp";
source = "KENTIXDEVICES MIB by LibreNMS kentixone; no recording";
base = "system";
root = ".1.3.6.1.4.1.37954.5.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.37954"; },
	{ sysdescr = "Kentix"; probe = "2.1.2.1"; }
);

values = (
	{ name = "alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; } ); }
);

tables = (
	{ name = "temperature"; first = 1; max_rows = 100; },
	{ name = "humidity"; first = 1; max_rows = 100; },
	{ name = "dewpoint"; first = 1; max_rows = 100; },
	{ name = "co"; first = 101; max_rows = 100; },
	{ name = "thermal"; first = 201; max_rows = 100; },
	{ name = "heat"; first = 301; max_rows = 100; },
	{ name = "air"; first = 401; max_rows = 100; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "2.1.2"; table = "temperature"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "3.1.2"; table = "humidity"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature.dewpoint"; column = "4.1.2"; table = "dewpoint"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature.status"; column = "2.1.3"; table = "temperature"; values = "alarm";  group = "status"; },
	{ point = "ambient.{i}.humidity.status"; column = "3.1.3"; table = "humidity"; values = "alarm";  group = "status"; },
	{ point = "ambient.{i}.dewpoint.status"; column = "4.1.3"; table = "dewpoint"; values = "alarm";  group = "status"; },
	{ point = "ambient.{i}.status"; column = "5.1.3"; table = "co"; values = "alarm";  group = "status"; },
	{ point = "ambient.{i}.status"; column = "16.1.3"; table = "thermal"; values = "alarm";  group = "status"; },
	{ point = "ambient.{i}.status"; column = "18.1.3"; table = "heat"; values = "alarm";  group = "status"; },
	{ point = "ambient.{i}.status"; column = "20.1.3"; table = "air"; values = "alarm";  group = "status"; }
);
