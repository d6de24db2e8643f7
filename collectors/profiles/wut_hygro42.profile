# SPDX-License-Identifier: Apache-2.0
# Wiesemann & Theis Web-Thermo-Hygrograph (57720): reading 1 is the temperature, 2 the humidity.
name = "wut_hygro42";
title = "W&T Web-Thermo-Hygrograph, model number 42";
transport = "snmp";
source = "WebGraph-Thermo-Hygrometer MIBs by LibreNMS; recorded walks of a 57720";
base = "system";
root = ".1.3.6.1.4.1.5040.1.2.42.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.5040.1.2.42"; }
);

points = (
	{ point = "ambient.1.temperature"; oid = "4.1.1.1"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.humidity"; oid = "4.1.1.2"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "device.name"; oid = "3.1.1.1.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ 327670, 32767 ]; why = "no sensor"; }
);
