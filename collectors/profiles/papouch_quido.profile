# SPDX-License-Identifier: Apache-2.0
# Papouch Quido: inputs, outputs, one thermometer. Its sysObjectID is not one of the maker.
name = "papouch_quido";
title = "Papouch Quido";
transport = "snmp";
source = "QUIDOS-MIB; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.18248.16";

detect = (
	{ sysobjectid = ".0.9.43.6.1.4.1"; sysdescr = "Quido"; },
	{ sysobjectid = ".1.3.6.1.4.1.18248.16"; },
	{ sysobjectid = ".0.9.43"; probe = "1.1.0"; },
	{ sysdescr = "Quido"; probe = "1.1.0"; }
);

values = (
	{ name = "on_off"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); },
	{ name = "contact"; map = (
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); }
);

tables = (
	{ name = "input"; max_rows = 100; },
	{ name = "output"; max_rows = 64; }
);

points = (
	{ point = "ambient.temperature"; oid = "1.1.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.contacts.{i}.status"; column = "2.1.1.1"; table = "input"; values = "contact";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "2.1.1.2"; table = "input";  group = "ident"; },
	{ point = "relay.{i}.status"; column = "3.1.1.1"; table = "output"; values = "on_off";  group = "status"; },
	{ point = "relay.{i}.name"; column = "3.1.1.2"; table = "output";  group = "ident"; },
	{ point = "device.name"; oid = "1.3.0";  group = "ident"; }
);
