# SPDX-License-Identifier: Apache-2.0
# WebPower-like transfer switches (ATS-MIB): two sources, one output.
name = "ats_webpower";
title = "Automatic transfer switch (ATS-MIB)";
transport = "snmp";
source = "LibreNMS ats sensors";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.37662.1.2.2.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.37662.1.2.2.1"; }
);

points = (
	{ point = "output.current"; oid = "3.4.0"; group = "status"; unit = "A"; scale = 0.1; },
	{ point = "ups.load"; oid = "3.5.0"; group = "status"; unit = "%"; },
	{ point = "input.1.voltage"; oid = "2.3.0"; group = "status"; unit = "V"; },
	{ point = "input.1.frequency"; oid = "2.4.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.2.voltage"; oid = "2.6.0"; group = "status"; unit = "V"; },
	{ point = "input.2.frequency"; oid = "2.7.0"; group = "measure"; unit = "Hz"; scale = 0.1; }
);

quirks = (
	{ kind = "no-bulk"; why = "the card does not know it"; }
);
# not read: 2.2 and 2.5, states of the sources, and 4.1, buzzer - no source states what their numbers mean
