# SPDX-License-Identifier: Apache-2.0
# Ubiquiti redundant power systems tell their state to the UniFi controller only; by SNMP it is seen that they live.
name = "unifi_usp";
title = "Ubiquiti UniFi SmartPower";
transport = "snmp";
source = "a recorded walk of a USP-RPS 6.6.61, which holds no object of power";
base = "system";
priority = 10;

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.8072.3.2.10"; sysdescr = "^USP-"; }
);

points = (
	{ point = "ups.firmware"; oid = ".1.3.6.1.2.1.1.1.0"; group = "ident"; }
);
