# SPDX-License-Identifier: Apache-2.0
# BKE DC power supplies with battery, ETH_mod supervisor.
name = "bke";
title = "BKE power supply (ETH_mod)";
transport = "snmp";
source = "LibreNMS definition bke; a recorded walk of supervisor 1.1.10";
base = "system";
root = ".1.3.6.1.4.1.27533.5";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.27533.5"; }
);

values = (
	{ name = "mains"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "failed"; code = "input.bad"; } ); },
	{ name = "fuse"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "failed"; code = "fuse.failed"; } ); },
	{ name = "battery_fuse"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "failed"; code = "battery.fuse"; } ); },
	{ name = "source"; map = (
		{ value = 0; text = "normal"; status = "OL"; },
		{ value = 1; text = "battery"; status = "OB"; } ); },
	{ name = "output"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; status = "OFF"; } ); }
);

points = (
	{ point = "output.source"; oid = "2.1.0"; group = "status"; values = "source"; },
	{ point = "input.status"; oid = "1.1.0"; group = "status"; values = "mains"; },
	{ point = "input.fuse.status"; oid = "1.2.0"; group = "status"; values = "fuse"; },
	{ point = "battery.fuse.status"; oid = "3.4.0"; group = "status"; values = "battery_fuse"; },
	{ point = "output.fuse.status"; oid = "4.1.0"; group = "status"; values = "fuse"; },
	{ point = "output.status"; oid = "4.2.0"; group = "status"; values = "output"; },

	{ point = "rectifier.current"; oid = "2.2.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.voltage"; oid = "3.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "3.2.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "3.3.0"; group = "measure"; unit = "°C"; scale = 0.1; }
);
