# SPDX-License-Identifier: Apache-2.0
# Alpha Cordex CXC controllers of DC systems: two tables of analogue inputs, all in hundredths.
name = "alpha_cxc";
title = "Alpha Cordex CXC DC system";
transport = "snmp";
source = "LibreNMS cxrc sensors (Argus-Power-System MIB); a recorded walk of a CXC 2.27";
base = "system";
root = ".1.3.6.1.4.1.7309.4.1.6";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.7309.4"; }
);

points = (
	{ point = "battery.charge"; oid = "2.2.1.3.8"; group = "status"; unit = "%"; scale = 0.01; },
	{ point = "battery.runtime"; oid = "2.2.1.3.7"; group = "status"; unit = "s"; scale = 0.6; },

	{ point = "output.voltage"; oid = "2.2.1.3.1"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "output.current"; oid = "2.2.1.3.2"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "battery.voltage"; oid = "2.2.1.3.3"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.current"; oid = "2.2.1.3.4"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "input.voltage"; oid = "2.2.1.3.5"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.temperature"; oid = "2.2.1.3.6"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "converter.voltage"; oid = "2.2.1.3.11"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "rectifier.current"; oid = "3.2.1.3.1"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "rectifier.voltage"; oid = "3.2.1.3.2"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "rectifier.input.voltage"; oid = "3.2.1.3.3"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "rectifier.modules"; oid = "3.2.1.3.4"; group = "measure"; },
	{ point = "rectifier.modules.active"; oid = "3.2.1.3.5"; group = "measure"; }
);

quirks = (
	{ kind = "zero-unknown-when"; points = [ "battery.runtime" ]; with = [ "battery.charge" ]; min = 90; not_status = "OB";
	  why = "0 with a full battery: the controller has not worked it out, and this must never look like an empty battery"; },
	{ kind = "no-bulk"; why = "the controllers answer GETBULK badly"; }
);
# not read as 0 minutes: 2.2.1.3.7 of the recording - see the first quirk
