# SPDX-License-Identifier: Apache-2.0
# Papouch TME: one thermometer
name = "papouch_tme";
title = "Papouch TME";
transport = "snmp";
source = "LibreNMS papouch-tme; the maker's MIB";
base = "system";
root = ".1.3.6.1.4.1.18248.1";

detect = (
	{ sysobjectid = ".0.9.43.6.1.4.1"; sysdescr = "^TME"; },
	{ sysobjectid = ".1.3.6.1.4.1.18248.1"; },
	{ sysdescr = "^TME"; probe = "1.1.0"; }
);

points = (
	{ point = "ambient.temperature"; oid = "1.1.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "device.name"; oid = "1.3.0";  group = "ident"; }
);
