# SPDX-License-Identifier: Apache-2.0
# The private tree of GENEREX' software agent UPSMAN (also sold as RCCMD/UPSMON packages of UPS makers).
name = "upsman";
title = "GENEREX UPSMAN";
transport = "snmp";
source = "two public programs that read enterprise 1356 (a nuclear monitoring station's SNMP class, a PowerShell check)";
base = "rfc1628";
priority = 5;
root = ".1.3.6.1.4.1.1356.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.1356"; },
	{ probe = ".1.3.6.1.4.1.1356.1.1.1.0"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 0; text = "unknown"; status = "COMMLOST"; },	# no connection to the UPS
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "depleted"; status = "LB DEPLETED"; } ); },
	{ name = "output_source"; map = (
		{ value = 0; text = "other"; status = "COMMLOST"; },
		{ value = 1; text = "other"; },
		{ value = 2; text = "normal"; status = "OL"; },
		{ value = 3; text = "battery"; status = "OB"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "none"; status = "OFF"; } ); }
);

points = (
	{ point = "device.model"; oid = "1.1.0"; group = "ident"; },
	{ point = "battery.status"; oid = "2.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.charge"; oid = "2.2.0"; group = "status"; unit = "%"; },
	{ point = "battery.temperature"; oid = "2.4.0"; group = "measure"; unit = "°C"; },
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; },
	{ point = "ups.load"; oid = "4.2.0"; group = "measure"; unit = "%"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.*", "ups.load" ]; values = [ 2686924L ];
	  why = "an uninitialised number of the agent"; }
);
