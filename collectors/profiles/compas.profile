# SPDX-License-Identifier: Apache-2.0
# Alpha Innovations Comp@s: monitoring of a DC system (electrical system 1, DC 1).
name = "compas";
title = "Alpha Comp@s DC system";
transport = "snmp";
source = "LibreNMS compas sensors (SITE-MONITORING-MIB); a recorded walk, 2.75";
base = "system";
root = ".1.3.6.1.4.1.26854.3.2.1.20.1.20.1.13.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.26854.3.2.1"; }
);

values = (
	{ name = "mode"; map = (
		{ value = 0; text = "floating"; status = "OL"; },
		{ value = 1; text = "equalising"; status = "OL"; },
		{ value = 2; text = "battery test"; status = "OL TEST"; },
		{ value = 3; text = "discharging"; status = "OB DISCHRG"; code = "input.bad"; },	# the MIB calls it AC failure
		{ value = 5; text = "safe"; status = "OL"; } ); },
	{ name = "test"; map = (
		{ value = 0; text = "none"; },
		{ value = 1; text = "passed"; },
		{ value = 2; text = "running"; },
		{ value = 3; text = "failed: timeout"; },
		{ value = 4; text = "failed: bus voltage too low"; },
		{ value = 5; text = "failed: load too low"; },
		{ value = 6; text = "failed: AC failure"; },
		{ value = 7; text = "aborted"; },
		{ value = 8; text = "failed: LVD opened"; },
		{ value = 9; text = "failed: no battery"; } ); }
);

points = (
	{ point = "battery.charger.status"; oid = "1.0"; group = "status"; values = "mode"; },
	{ point = "battery.charge"; oid = "91.0"; group = "status"; unit = "%"; },
	{ point = "battery.runtime"; oid = "92.0"; group = "status"; unit = "s"; scale = 60; },

	{ point = "battery.test.result"; oid = "72.0"; group = "measure"; values = "test"; },
	{ point = "output.voltage"; oid = "11.0"; group = "measure"; unit = "V"; },
	{ point = "rectifier.current"; oid = "22.0"; group = "measure"; unit = "A"; },
	{ point = "output.current"; oid = "52.0"; group = "measure"; unit = "A"; },
	{ point = "battery.current"; oid = "61.0"; group = "measure"; unit = "A"; },
	{ point = "battery.temperature"; oid = "71.0"; group = "measure"; unit = "°C"; },

	{ point = "ups.firmware.aux"; oid = ".1.3.6.1.4.1.26854.3.2.1.10.3.91.0"; group = "ident"; }
);
