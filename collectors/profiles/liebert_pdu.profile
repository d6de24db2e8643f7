# SPDX-License-Identifier: Apache-2.0
# Liebert MPH, MPH2 and MPX distribution units.
name = "liebert_pdu";
title = "Liebert rack distribution unit (MPH, MPH2, MPX)";
transport = "snmp";
source = "LIEBERT-GP-PDU-MIB; LibreNMS definition liebert; a recorded walk of an MPH2";
base = "system";
priority = 20;
root = ".1.3.6.1.4.1.476.1.42";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.476.1.42"; probe = "3.8.20.1.25.1"; }
);

values = (
	{ name = "system"; map = (
		{ value = 1; text = "ok"; },
		{ value = 2; text = "starting"; },
		{ value = 4; text = "unknown"; },
		{ value = 8; text = "warning"; },
		{ value = 16; text = "alarm"; },
		{ value = 32; text = "fault"; },
		{ value = 64; text = "comm lost"; } ); },
	{ name = "power"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "off"; },
		{ value = 2; text = "on"; } ); }
);

tables = (
	{ name = "feed"; index = 2; number = 1; max_rows = 4; },	# unit, entry module
	{ name = "line"; index = 3; number = 3; max_rows = 3; },	# unit, entry module, line
	{ name = "branch"; index = 2; numbers = [ 4, 12 ]; max_rows = 48; },	# unit, branch
	{ name = "outlet"; index = 3; numbers = [ 1, 6, 40 ]; max_rows = 240; },	# unit, branch, receptacle
	{ name = "sensor"; index = 2; numbers = [ 4, 8 ]; max_rows = 32; }
);

points = (
	{ point = "device.status"; oid = "3.8.20.1.25.1"; group = "status"; values = "system"; },
	# feeds
	{ point = "feed.{i}.realpower"; column = "3.8.30.20.1.65"; table = "feed"; group = "measure"; unit = "W"; },
	{ point = "feed.{i}.power"; column = "3.8.30.20.1.90"; table = "feed"; group = "measure"; unit = "VA"; },
	{ point = "feed.{i}.powerfactor"; column = "3.8.30.20.1.95"; table = "feed"; group = "measure"; unit = ""; scale = 0.01; },
	{ point = "feed.{i}.energy"; column = "3.8.30.20.1.50"; table = "feed"; group = "measure"; unit = "Wh"; scale = 100; },
	{ point = "feed.{i}.current.neutral"; column = "3.8.30.20.1.70"; table = "feed"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.L{i}.current"; column = "3.8.30.40.1.22"; table = "line"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "feed.{i}.name"; column = "3.8.30.20.1.15"; table = "feed"; group = "ident"; },
	{ point = "input.L{i}-N.voltage"; column = "3.8.30.40.1.19"; table = "line"; group = "measure"; unit = "V"; scale = 0.1; },
	# branch breakers
	{ point = "breaker.{i}.voltage"; column = "3.8.40.20.1.100"; table = "branch"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "breaker.{i}.realpower"; column = "3.8.40.20.1.115"; table = "branch"; group = "measure"; unit = "W"; },
	{ point = "breaker.{i}.power"; column = "3.8.40.20.1.120"; table = "branch"; group = "measure"; unit = "VA"; },
	{ point = "breaker.{i}.powerfactor"; column = "3.8.40.20.1.125"; table = "branch"; group = "measure"; unit = ""; scale = 0.01; },
	{ point = "breaker.{i}.current"; column = "3.8.40.20.1.130"; table = "branch"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "breaker.{i}.current.available"; column = "3.8.40.20.1.150"; table = "branch"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "breaker.{i}.name"; column = "3.8.40.20.1.8"; table = "branch"; group = "ident"; },
	# outlets
	{ point = "outlet.{i}.status"; column = "3.8.50.20.1.95"; table = "outlet"; group = "measure"; values = "power"; },
	{ point = "outlet.{i}.voltage"; column = "3.8.50.20.1.55"; table = "outlet"; group = "measure"; unit = "V"; },
	{ point = "outlet.{i}.current"; column = "3.8.50.20.1.60"; table = "outlet"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "outlet.{i}.realpower"; column = "3.8.50.20.1.65"; table = "outlet"; group = "measure"; unit = "W"; },
	{ point = "outlet.{i}.power"; column = "3.8.50.20.1.70"; table = "outlet"; group = "measure"; unit = "VA"; },
	{ point = "outlet.{i}.powerfactor"; column = "3.8.50.20.1.75"; table = "outlet"; group = "measure"; unit = ""; scale = 0.01; },
	{ point = "outlet.{i}.energy"; column = "3.8.50.20.1.85"; table = "outlet"; group = "measure"; unit = "Wh"; scale = 100; },
	{ point = "outlet.{i}.name"; column = "3.8.50.20.1.10"; table = "outlet"; group = "ident"; },
	# sensors
	{ point = "ambient.{i}.temperature"; column = "3.8.60.15.1.70"; table = "sensor"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.humidity"; column = "3.8.60.15.1.95"; table = "sensor"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ambient.{i}.name"; column = "3.8.60.15.1.35"; table = "sensor"; group = "ident"; },
	{ point = "device.serial"; oid = "2.1.4.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "2.1.3.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ 2147483647L, 4294967295L, -2147483648L, -2147483647L ]; why = "the least and greatest numbers stand for what is not known"; },
	{ kind = "no-bulk"; why = "the cards answer GETBULK badly"; }
);
# not read: 2.5.2 to 2.5.4 (telnet, web server) - settings of the card, not of the supply
