# SPDX-License-Identifier: Apache-2.0
# APC NetBotz (firmware 5): rows are told apart by numbers that mean nothing, so sensors are counted through, each kind in its own share.
name = "netbotz50";
title = "APC NetBotz (firmware 5)";
transport = "snmp";
source = "NetBotz50-MIB; LibreNMS os_discovery apc-netbotz";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.52674.500";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.52674"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "100.0"; }
);

values = (
	{ name = "error"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "warning"; },
		{ value = 3; text = "critical"; },
		{ value = 4; text = "critical"; },
		{ value = 5; text = "failed"; } ); },
	{ name = "contact"; map = (
		{ value = -1; text = "unknown"; },
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); }
);

tables = (
	{ name = "temperature"; first = 1; max_rows = 60; },
	{ name = "humidity"; first = 61; max_rows = 40; },
	{ name = "dew_point"; first = 101; max_rows = 40; },
	{ name = "door"; first = 141; max_rows = 40; },
	{ name = "motion"; first = 181; max_rows = 40; },
	{ name = "smoke"; first = 221; max_rows = 20; },
	{ name = "leak"; first = 241; max_rows = 20; },
	{ name = "dry_contact"; first = 1; max_rows = 60; },
	{ name = "other"; first = 1; max_rows = 60; }
);

points = (
	# tenths; column 8 has the same in whole degrees and percent
	{ point = "ambient.{i}.temperature"; column = "4.1.1.1.2"; table = "temperature"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.status"; column = "4.1.1.1.3"; table = "temperature"; group = "measure"; values = "error"; },
	{ point = "ambient.{i}.name"; column = "4.1.1.1.4"; table = "temperature"; group = "ident"; },
	{ point = "ambient.{i}.humidity"; column = "4.1.2.1.2"; table = "humidity"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ambient.{i}.status"; column = "4.1.2.1.3"; table = "humidity"; group = "measure"; values = "error"; },
	{ point = "ambient.{i}.name"; column = "4.1.2.1.4"; table = "humidity"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = "4.1.3.1.2"; table = "dew_point"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.status"; column = "4.1.3.1.3"; table = "dew_point"; group = "measure"; values = "error"; },
	{ point = "ambient.{i}.name"; column = "4.1.3.1.4"; table = "dew_point"; group = "ident"; },
	{ point = "ambient.{i}.door"; column = "4.2.2.1.2"; table = "door"; group = "measure"; true_when = [ 0 ]; },
	{ point = "ambient.{i}.name"; column = "4.2.2.1.4"; table = "door"; group = "ident"; },
	{ point = "ambient.{i}.motion"; column = "4.2.3.1.2"; table = "motion"; group = "measure"; true_when = [ 1 ]; },
	{ point = "ambient.{i}.name"; column = "4.2.3.1.4"; table = "motion"; group = "ident"; },
	{ point = "ambient.{i}.leak"; column = "4.2.5.1.2"; table = "leak"; group = "measure"; true_when = [ 1 ]; },
	{ point = "ambient.{i}.name"; column = "4.2.5.1.4"; table = "leak"; group = "ident"; },
	{ point = "ambient.{i}.smoke"; column = "4.2.12.1.2"; table = "smoke"; group = "measure"; true_when = [ 1 ]; },
	{ point = "ambient.{i}.name"; column = "4.2.12.1.4"; table = "smoke"; group = "ident"; },
	{ point = "ambient.1.contacts.{i}.status"; column = "4.2.1.1.2"; table = "dry_contact"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.{i}.state"; column = "4.2.1.1.3"; table = "dry_contact"; group = "measure"; values = "error"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "4.2.1.1.4"; table = "dry_contact"; group = "ident"; },
	{ point = "external.{i}.status"; column = "4.2.10.1.3"; table = "other"; group = "measure"; values = "error"; },
	{ point = "external.{i}.name"; column = "4.2.10.1.4"; table = "other"; group = "ident"; },
	{ point = "device.status"; oid = "100.0"; group = "status"; values = "error"; },
	{ point = "device.model"; oid = ".1.3.6.1.4.1.318.1.4.2.2.1.2.1"; group = "ident"; },
	{ point = "device.serial"; oid = ".1.3.6.1.4.1.318.1.4.2.2.1.3.1"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = ".1.3.6.1.4.1.318.1.4.2.4.1.4.1"; group = "ident"; }
);
