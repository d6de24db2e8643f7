# SPDX-License-Identifier: Apache-2.0
# AVTECH Room Alert and TemPageR. Each model has a tree of its own; what the device does not hold is passed over.
# The internal sensor is ambient.1, external sensor n is ambient.n+1, analogue input n is ambient.100+n.
# Not read: sensors of wireless WiSH units (8.1.4, 11.1.5) - no recording shows how their rows are laid out.
name = "avtech";
title = "AVTECH Room Alert and TemPageR";
transport = "snmp";
source = "LibreNMS avtech sensors; recorded walks of Room Alert 12E, 12S and 32S";
base = "system";
root = ".1.3.6.1.4.1.20916.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.20916"; }
);

values = (
	{ name = "contact"; map = (
		{ value = 0; text = "open"; },
		{ value = 1; text = "closed"; } ); },
	{ name = "relay"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); },
	{ name = "power"; map = (
		{ value = 0; text = "none"; },
		{ value = 1; text = "utility"; } ); }
);

points = (
	# Room Alert 12S
	{ point = "ambient.1.temperature"; oid = "12.1.1.1.2.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.name"; oid = "12.1.4.1.1.0"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; oid = "12.1.2.{i}.1.0"; repeat = [ 1, 8 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "12.1.2.{i}.3.0"; repeat = [ 1, 8 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; oid = "12.1.4.2.{i}.0"; repeat = [ 1, 8 ]; first = 2; instead = true;  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; oid = "12.1.3.{i}.0"; repeat = [ 1, 8 ]; first = 1; values = "contact"; instead = true;  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; oid = "12.1.4.3.{i}.0"; repeat = [ 1, 8 ]; first = 1; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.voltage"; oid = "12.1.1.2.{i}.0"; repeat = [ 1, 2 ]; first = 101; instead = true;  group = "measure"; unit = "V"; },
	{ point = "relay.{i}.status"; oid = "12.1.1.3.{i}.0"; repeat = [ 1, 2 ]; values = "relay"; instead = true;  group = "status"; },
	{ point = "relay.{i}.name"; oid = "12.1.4.5.{i}.0"; repeat = [ 1, 2 ]; instead = true;  group = "ident"; },
	# Room Alert 32S
	{ point = "ambient.1.temperature"; oid = "11.1.1.1.2.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.name"; oid = "11.1.4.1.1.0"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; oid = "11.1.2.{i}.1.0"; repeat = [ 1, 8 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "11.1.2.{i}.3.0"; repeat = [ 1, 8 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; oid = "11.1.4.2.{i}.0"; repeat = [ 1, 8 ]; first = 2; instead = true;  group = "ident"; },
	{ point = "ambient.1.humidity"; oid = "11.1.1.2.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "%"; },
	{ point = "ambient.1.temperature.felt"; oid = "11.1.1.4.2.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "input.source"; oid = "11.1.1.3.1.0"; values = "power"; instead = true;  group = "status"; },
	{ point = "ambient.{i}.voltage"; oid = "11.1.1.5.{i}.0"; repeat = [ 1, 8 ]; first = 101; instead = true;  group = "measure"; unit = "V"; },
	{ point = "relay.{i}.status"; oid = "11.1.1.6.{i}.0"; repeat = [ 1, 2 ]; values = "relay"; instead = true;  group = "status"; },
	{ point = "relay.{i}.name"; oid = "11.1.4.5.{i}.0"; repeat = [ 1, 2 ]; instead = true;  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; oid = "11.1.3.{i}.0"; repeat = [ 1, 16 ]; first = 1; values = "contact"; instead = true;  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; oid = "11.1.4.3.{i}.0"; repeat = [ 1, 16 ]; first = 1; instead = true;  group = "ident"; },
	# Room Alert 32E and 32W
	{ point = "ambient.1.temperature"; oid = "8.1.1.1.2.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; oid = "8.1.2.{i}.1.0"; repeat = [ 1, 8 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "8.1.2.{i}.3.0"; repeat = [ 1, 8 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "%"; },
	{ point = "ambient.1.humidity"; oid = "8.1.1.2.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "%"; },
	{ point = "ambient.1.temperature.felt"; oid = "8.1.1.4.2.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "input.source"; oid = "8.1.1.3.1.0"; values = "power"; instead = true;  group = "status"; },
	{ point = "ambient.{i}.voltage"; oid = "8.1.1.5.{i}.0"; repeat = [ 1, 8 ]; first = 101; instead = true;  group = "measure"; unit = "V"; },
	{ point = "relay.{i}.status"; oid = "8.1.1.6.{i}.0"; repeat = [ 1, 2 ]; values = "relay"; instead = true;  group = "status"; },
	{ point = "ambient.contacts.{i}.status"; oid = "8.1.3.{i}.0"; repeat = [ 1, 16 ]; first = 1; values = "contact"; instead = true;  group = "status"; },
	# Room Alert 12E
	{ point = "ambient.1.temperature"; oid = "10.1.1.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.name"; oid = "10.1.1.3.0"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; oid = "10.1.{i}.1.0"; repeat = [ 2, 4 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; oid = "10.1.{i}.3.0"; repeat = [ 2, 4 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; oid = "10.1.{i}.8.0"; repeat = [ 2, 4 ]; first = 2; instead = true;  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; oid = "10.1.{i}.1.0"; repeat = [ 5, 8 ]; first = 1; values = "contact"; instead = true;  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; oid = "10.1.{i}.2.0"; repeat = [ 5, 8 ]; first = 1; instead = true;  group = "ident"; },
	{ point = "relay.1.status"; oid = "10.1.10.1.0"; values = "relay"; instead = true;  group = "status"; },
	{ point = "relay.1.name"; oid = "10.1.10.2.0"; instead = true;  group = "ident"; },
	# Room Alert 3E
	{ point = "ambient.1.temperature"; oid = "9.1.1.1.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.name"; oid = "9.1.1.1.3.0"; instead = true;  group = "ident"; },
	{ point = "ambient.2.temperature"; oid = "9.1.1.2.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.2.name"; oid = "9.1.1.2.6.0"; instead = true;  group = "ident"; },
	{ point = "ambient.contacts.1.status"; oid = "9.1.2.1.0"; values = "contact"; instead = true;  group = "status"; },
	{ point = "ambient.contacts.1.name"; oid = "9.1.2.2.0"; instead = true;  group = "ident"; },
	# Room Alert 3S
	{ point = "ambient.1.temperature"; oid = "13.1.1.1.2.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.2.temperature"; oid = "13.1.2.1.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	# Room Alert 4E: LibreNMS reads whole degrees, the MIB has hundredths; the quirk below tells
	{ point = "ambient.1.temperature"; oid = "6.1.1.1.2.0";  instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.name"; oid = "6.1.1.2.1.0"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; oid = "6.1.2.{i}.1.0"; repeat = [ 1, 2 ]; first = 2;  instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; oid = "6.1.2.{i}.8.0"; repeat = [ 1, 2 ]; first = 2; instead = true;  group = "ident"; },
	{ point = "ambient.contacts.1.status"; oid = "6.1.3.1.0"; values = "contact"; instead = true;  group = "status"; },
	{ point = "ambient.contacts.1.name"; oid = "6.1.3.2.0"; instead = true;  group = "ident"; },
	# Room Alert 11E, likewise
	{ point = "ambient.1.temperature"; oid = "3.1.1.1.0";  instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; oid = "3.1.{i}.1.0"; repeat = [ 2, 4 ]; first = 2;  instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; oid = "3.1.{i}.6.0"; repeat = [ 2, 4 ]; first = 2; instead = true;  group = "ident"; },
	# TemPageR 3E
	{ point = "ambient.1.temperature"; oid = "7.1.1.1.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.name"; oid = "7.1.1.2.0"; instead = true;  group = "ident"; },
	{ point = "ambient.{i}.temperature"; oid = "7.1.2.{i}.1.0"; repeat = [ 1, 2 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.name"; oid = "7.1.2.{i}.3.0"; repeat = [ 1, 2 ]; first = 2; instead = true;  group = "ident"; },
	# TemPageR 4E
	{ point = "ambient.1.temperature"; oid = "1.1.1.1.0"; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; oid = "1.1.1.{i}.0"; repeat = [ 2, 4 ]; first = 2; scale = 0.01; instead = true;  group = "measure"; unit = "°C"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "ambient.*.temperature", "ambient.*.humidity" ]; values = [ 0 ];
	  why = "a socket without a sensor reads 0"; },
	{ kind = "divide-if-above"; points = [ "ambient.*.temperature" ]; limit = 150; factor = 100;
	  why = "Room Alert 4E and 11E write whole degrees or hundredths"; }
);
