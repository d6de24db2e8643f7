# SPDX-License-Identifier: Apache-2.0
# Toshiba RemotEye 4 cards, an embedded Linux that gives no sysObjectID of its own: the UPS MIB, and a tree with line-to-line voltages.
# Not read: 5.8 - the MIB calls it the charge current, LibreNMS files it under charge; 5.1 - its values are nowhere told.
name = "remoteye4";
title = "Toshiba RemotEye 4";
transport = "snmp";
source = "TIC-RMTI4-G9000-G2020-MIB by LibreNMS; a recording of the identity only";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.186.1.19.2.5.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2.10"; probe = ".1.3.6.1.2.1.33.1.1.4.0"; match = "RemotEye"; },
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2.10"; probe = "5.4.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.186.1.19"; }
);

points = (
	{ point = "input.L1-L2.voltage"; oid = "2.2.0";  group = "measure"; unit = "V"; },
	{ point = "input.L2-L3.voltage"; oid = "2.3.0";  group = "measure"; unit = "V"; },
	{ point = "input.L3-L1.voltage"; oid = "2.4.0";  group = "measure"; unit = "V"; },
	{ point = "output.L1-L2.voltage"; oid = "3.3.0";  group = "measure"; unit = "V"; },
	{ point = "output.L2-L3.voltage"; oid = "3.4.0";  group = "measure"; unit = "V"; },
	{ point = "output.L3-L1.voltage"; oid = "3.5.0";  group = "measure"; unit = "V"; },
	{ point = "input.bypass.L1-L2.voltage"; oid = "4.2.0";  group = "measure"; unit = "V"; },
	{ point = "input.bypass.L2-L3.voltage"; oid = "4.3.0";  group = "measure"; unit = "V"; },
	{ point = "input.bypass.L3-L1.voltage"; oid = "4.4.0";  group = "measure"; unit = "V"; },
	{ point = "battery.voltage"; oid = "5.4.0";  group = "measure"; unit = "V"; },
	{ point = "input.L1.current"; oid = "2.8.0"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "input.L2.current"; oid = "2.9.0"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "input.L3.current"; oid = "2.10.0"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "output.L1.current"; oid = "3.6.0"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "output.L2.current"; oid = "3.7.0"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "output.L3.current"; oid = "3.8.0"; scale = 0.1;  group = "measure"; unit = "A"; },
	{ point = "input.frequency"; oid = "2.11.0"; scale = 0.1;  group = "measure"; unit = "Hz"; },
	{ point = "output.frequency"; oid = "3.9.0"; scale = 0.1;  group = "measure"; unit = "Hz"; },
	{ point = "input.bypass.frequency"; oid = "4.5.0"; scale = 0.1;  group = "measure"; unit = "Hz"; },
	{ point = "battery.runtime"; oid = "5.3.0"; scale = 60;  group = "status"; unit = "s"; }
);
