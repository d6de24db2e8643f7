# SPDX-License-Identifier: Apache-2.0
# What every SNMP card says of itself, whatever it is. Base of all profiles that name none; by this a card is known again. Format: README.md.
name = "card";
title = "SNMP network card";
transport = "snmp";
source = "RFC 2863 IF-MIB, RFC 3411 SNMP-FRAMEWORK-MIB, RFC 3418 SNMPv2-MIB, RFC 2790 HOST-RESOURCES-MIB";
root = ".1.3.6.1";

tables = ( { name = "interfaces"; max_rows = 64; } );

points = (
	{ point = "device.sysobjectid"; oid = "2.1.1.2.0"; group = "ident"; },
	{ point = "device.clock.drift"; oid = "2.1.25.1.2.0"; group = "measure"; unit = "s"; format = "time"; },
	{ point = "device.engineid"; oid = "6.3.10.2.1.1.0"; group = "ident"; format = "hex"; },
	{ point = "device.macaddr"; table = "interfaces"; column = "2.1.2.2.1.6"; group = "ident"; format = "mac"; }
);
