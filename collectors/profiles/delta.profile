# SPDX-License-Identifier: Apache-2.0
# Delta UPS cards answer the standard MIB; their own tree adds what that lacks. Cards of small devices leave most of it out.
name = "delta";
title = "Delta UPS";
transport = "snmp";
source = "DeltaUPS-MIB as NUT's delta_ups-mib lists it; recorded walks of a Minuteman E1500RTXL2U and a Mini-SNMP card";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.2254.2.4";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2254.2"; }
);

values = (
	{ name = "rfc_battery"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "depleted"; status = "LB DEPLETED"; } ); },
	{ name = "rfc_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "booster"; status = "OL BOOST"; },
		{ value = 7; text = "reducer"; status = "OL TRIM"; } ); },
	{ name = "battery_status"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "low"; status = "LB"; },
		{ value = 2; text = "depleted"; status = "LB DEPLETED"; } ); },
	{ name = "charger"; map = (
		{ value = 0; text = "floating"; },
		{ value = 1; text = "charging"; status = "CHRG"; },
		{ value = 2; text = "resting"; },
		{ value = 3; text = "discharging"; status = "DISCHRG"; } ); },
	{ name = "output_source"; map = (
		{ value = 0; text = "normal"; status = "OL"; },
		{ value = 1; text = "battery"; status = "OB"; },
		{ value = 2; text = "bypass"; status = "OL BYPASS"; },
		{ value = 3; text = "reducer"; status = "OL TRIM"; },
		{ value = 4; text = "booster"; status = "OL BOOST"; },
		{ value = 5; text = "bypass"; status = "OL BYPASS"; },		# by hand
		{ value = 6; text = "other"; },
		{ value = 7; text = "none"; status = "OFF"; } ); },
	{ name = "relay"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "critical"; } ); }
);

points = (
	# The standard objects first; these stand in where a card has nothing but the Delta tree.
	{ point = "battery.status"; oid = ".1.3.6.1.2.1.33.1.2.1.0"; group = "status"; values = "rfc_battery"; },
	{ point = "battery.status"; oid = "7.2.0"; group = "status"; values = "battery_status"; instead = true; },
	{ point = "output.source"; oid = ".1.3.6.1.2.1.33.1.4.1.0"; group = "status"; values = "rfc_source"; },
	{ point = "output.source"; oid = "5.1.0"; group = "status"; values = "output_source"; instead = true; },
	{ point = "battery.charge"; oid = ".1.3.6.1.2.1.33.1.2.4.0"; group = "status"; unit = "%"; },
	{ point = "battery.charge"; oid = "7.8.0"; group = "status"; unit = "%"; instead = true; },
	{ point = "battery.runtime"; oid = ".1.3.6.1.2.1.33.1.2.3.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.runtime"; oid = "7.5.0"; group = "status"; unit = "s"; scale = 60; instead = true; },
	{ point = "battery.charger.status"; oid = "7.3.0"; group = "measure"; values = "charger"; },
	{ point = "battery.replace"; oid = "7.1.0"; group = "measure"; true_when = [ 2 ]; },
	{ point = "battery.date"; oid = "7.10.0"; group = "ident"; },
	{ point = "ambient.temperature"; oid = "10.1.0"; group = "measure"; unit = "°C"; },
	{ point = "ambient.humidity"; oid = "10.2.0"; group = "measure"; unit = "%"; },
	{ point = "ambient.1.contacts.1.state"; oid = "10.11.0"; group = "measure"; values = "relay"; },
	{ point = "ambient.1.contacts.2.state"; oid = "10.12.0"; group = "measure"; values = "relay"; },
	{ point = "ambient.1.contacts.3.state"; oid = "10.13.0"; group = "measure"; values = "relay"; },
	{ point = "ambient.1.contacts.4.state"; oid = "10.14.0"; group = "measure"; values = "relay"; },
	{ point = "device.mfr"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.4.0"; group = "ident"; }
);
# not read: phases of the tree 4, 5, 6 - the standard MIB has the same, told apart by number of lines
# not so:   33.1.3.3.1.3.1, 33.1.4.4.1.2.1, 33.1.5.3.1.2.1 of the Mini-SNMP walk - 2302 is 230.2 V, see quirks of rfc1628
