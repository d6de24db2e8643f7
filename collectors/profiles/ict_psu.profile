# SPDX-License-Identifier: Apache-2.0
# ICT Digital Series, Platinum Series power supplies. The numbers are texts.
name = "ict_psu";
title = "ICT power supply (Digital, Platinum Series)";
transport = "snmp";
source = "LibreNMS ict-psu sensors (ICT-PLATINUM-MIB); a recorded walk of an ICT600-48 holding its identity only";
base = "system";
root = ".1.3.6.1.4.1.39145.11";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.39145.11"; }
);

points = (
	{ point = "input.voltage"; oid = "6.0"; group = "measure"; unit = "V"; number_in_text = true; },
	{ point = "output.voltage"; oid = "7.0"; group = "measure"; unit = "V"; number_in_text = true; },
	{ point = "output.current"; oid = "8.0"; group = "measure"; unit = "A"; number_in_text = true; },
	{ point = "device.model"; oid = "1.0"; group = "ident"; },
	{ point = "ups.id"; oid = "2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "4.0"; group = "ident"; }
);

quirks = (
	{ kind = "no-bulk"; why = "the supplies answer GETBULK badly"; }
);
