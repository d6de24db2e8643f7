# SPDX-License-Identifier: Apache-2.0
# Riello, Aros and their brands behind a NetMan card: the standard MIB, and temperatures of their own.
name = "riello";
title = "Riello NetMan";
transport = "snmp";
source = "RIELLOUPS-MIB; LibreNMS netmanplus sensors; recorded walks of NetMan 204 and 208";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.5491.10.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.5491"; }
);

points = (
	{ point = "ups.temperature"; oid = "10.1.0"; group = "measure"; unit = "°C"; },
	{ point = "module.1.temperature"; oid = "10.2.0"; group = "measure"; unit = "°C"; },
	{ point = "module.2.temperature"; oid = "10.3.0"; group = "measure"; unit = "°C"; },
	{ point = "module.3.temperature"; oid = "10.4.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.charger.temperature"; oid = "10.5.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.probe.1.temperature"; oid = "10.6.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.probe.2.temperature"; oid = "10.7.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.probe.3.temperature"; oid = "10.8.0"; group = "measure"; unit = "°C"; }	# beside the cabinet
);

quirks = (
	{ kind = "sentinel"; points = [ "ups.temperature", "module.*", "battery.charger.temperature", "battery.probe.*" ]; values = [ -1L, 65535L ];
	  why = "what a model does not measure"; },
	{ kind = "unset-until-seen"; points = [ "ups.temperature", "module.*", "battery.charger.temperature", "battery.probe.*" ]; values = [ 0 ];
	  why = "0 without a sensor"; }
);
# not so: 33.1.3.3.1.5 (input power) 0 and 33.1.2.6 (battery current) -1 - not measured by these models, see quirks of rfc1628
# not read: 5491.10.1.20 to .22, alarms as bits - the code list is not published
