# SPDX-License-Identifier: Apache-2.0
# APC InfraStruXure PDUs with power meters (xPDU): what feeds the racks, and the breakers.
name = "apc_xpdu";
title = "APC InfraStruXure PDU";
transport = "snmp";
source = "PowerNet-MIB (xPDU); LibreNMS os_discovery apc";
base = "system";
also = [ "apc_env" ];
priority = 8;
root = ".1.3.6.1.4.1.318.1.1.15";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "3.4.1.0"; }
);

values = (
	{ name = "breaker"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; },
		{ value = 3; text = "unknown"; } ); },
	{ name = "epo"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "disarmed"; code = "ups.minor"; },
		{ value = 3; text = "unknown"; } ); },
	{ name = "transformer"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "high"; code = "ups.temperature"; },
		{ value = 3; text = "absent"; },
		{ value = 4; text = "unknown"; } ); },
	{ name = "fans"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "failed"; code = "fan.failed"; },
		{ value = 3; text = "absent"; },
		{ value = 4; text = "unknown"; } ); }
);

tables = (
	{ name = "xpdu_input"; },
	{ name = "xpdu_output"; },
	{ name = "xpdu_breaker"; max_rows = 100; }
);

points = (
	{ point = "input.{ll}.voltage"; column = "3.1.4.1.2"; table = "xpdu_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L{i}-N.voltage"; column = "3.1.4.1.3"; table = "xpdu_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.frequency"; oid = "3.4.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.current.neutral"; oid = "3.4.2.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.realpower"; oid = "3.4.3.0"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "output.power"; oid = "3.4.4.0"; group = "measure"; unit = "VA"; scale = 100; },
	{ point = "output.{ll}.voltage"; column = "3.4.14.1.2"; table = "xpdu_output"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L{i}-N.voltage"; column = "3.4.14.1.3"; table = "xpdu_output"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L{i}.current"; column = "3.4.14.1.4"; table = "xpdu_output"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L{i}.realpower"; column = "3.4.14.1.5"; table = "xpdu_output"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "output.L{i}.power"; column = "3.4.14.1.6"; table = "xpdu_output"; group = "measure"; unit = "VA"; scale = 100; },
	{ point = "breaker.{i}.status"; column = "4.1.2.1.3"; table = "xpdu_breaker"; group = "measure"; values = "breaker"; },
	{ point = "device.epo.status"; oid = "7.1.0"; group = "status"; values = "epo"; },
	{ point = "transformer.status"; oid = "7.2.0"; group = "status"; values = "transformer"; },
	{ point = "device.fan.status"; oid = "7.3.0"; group = "status"; values = "fans"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ -1 ]; why = "-1 is APC's word for not supported"; }
);
