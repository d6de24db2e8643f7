# SPDX-License-Identifier: Apache-2.0
# What every agent tells about itself. Base of families that hold nothing of the UPS MIB.
name = "system";
title = "MIB-2 system group";
transport = "snmp";
source = "RFC 3418";
root = ".1.3.6.1.2.1.1";

points = (
	{ point = "device.description"; oid = "1.0"; group = "ident"; },
	{ point = "device.contact"; oid = "4.0"; group = "ident"; },
	{ point = "device.name"; oid = "5.0"; group = "ident"; },
	{ point = "device.location"; oid = "6.0"; group = "ident"; },
	{ point = "device.uptime"; oid = "3.0"; group = "measure"; unit = "s"; scale = 0.01; }
);
