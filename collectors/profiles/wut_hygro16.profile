# SPDX-License-Identifier: Apache-2.0
# Wiesemann & Theis Web-Thermo-Hygrograph: reading 1 is the temperature, 2 the humidity, 3 the air pressure.
name = "wut_hygro16";
title = "W&T Web-Thermo-Hygrograph, model number 16";
transport = "snmp";
source = "WebGraph-Thermo-Hygrometer MIBs by LibreNMS";
base = "system";
root = ".1.3.6.1.4.1.5040.1.2.16.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.5040.1.2.16"; }
);

points = (
	{ point = "ambient.1.temperature"; oid = "4.1.1.1"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.humidity"; oid = "4.1.1.2"; scale = 0.1;  group = "measure"; unit = "%"; },
	# tenths of hPa
	{ point = "ambient.1.pressure"; oid = "4.1.1.3"; scale = 10;  group = "measure"; unit = "Pa"; },
	{ point = "device.name"; oid = "3.1.1.1.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ 327670, 32767 ]; why = "no sensor"; }
);
