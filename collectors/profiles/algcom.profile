# SPDX-License-Identifier: Apache-2.0
# ALGCOM DC UPS: rectifier with battery backup.
name = "algcom";
title = "ALGCOM DC UPS";
transport = "snmp";
source = "LibreNMS definition algcom-dc-ups; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.49136.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.49136"; sysdescr = "DC UPS"; },
	{ sysobjectid = ".1.3.6.1.4.1.49136"; probe = "2.3.0"; }
);

values = (
	{ name = "source"; map = (
		{ value = 0; text = "normal"; status = "OL"; },
		{ value = 1; text = "battery"; status = "OB"; } ); },
	{ name = "charger"; map = (
		{ value = 0; text = "no battery"; code = "battery.disconnected"; },
		{ value = 1; text = "wrong battery voltage"; code = "battery.bad"; },
		{ value = 2; text = "discharging"; status = "DISCHRG"; },
		{ value = 3; text = "charging"; status = "CHRG"; },
		{ value = 4; text = "absorption"; status = "CHRG"; },
		{ value = 5; text = "floating"; },
		{ value = 6; text = "critically low"; status = "LB"; },
		{ value = 7; text = "battery test"; status = "TEST"; } ); },
	{ name = "mains"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "failed"; code = "input.bad"; } ); },
	{ name = "fan"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "failed"; code = "fan.failed"; } ); }
);

points = (
	{ point = "output.source"; oid = "3.1.0"; group = "status"; values = "source"; },
	{ point = "battery.charger.status"; oid = "2.3.0"; group = "status"; values = "charger"; },
	{ point = "input.status"; oid = "3.2.0"; group = "status"; values = "mains"; },
	{ point = "battery.charging"; oid = "3.3.0"; group = "status"; true_when = [ 1 ]; status = "CHRG"; },
	{ point = "battery.discharging"; oid = "3.4.0"; group = "status"; true_when = [ 1 ]; status = "DISCHRG"; },
	{ point = "alarm.ups.temperature"; oid = "3.5.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.output.overload"; oid = "3.6.0"; group = "status"; true_when = [ 1 ]; status = "OVER"; },
	{ point = "fan.1.status"; oid = "3.7.0"; group = "status"; values = "fan"; },
	{ point = "fan.2.status"; oid = "3.8.0"; group = "status"; values = "fan"; },

	{ point = "output.voltage"; oid = "1.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; oid = "1.2.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "battery.voltage"; oid = "2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "2.2.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "input.voltage"; oid = "6.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "ups.temperature"; oid = "4.1.0"; group = "measure"; unit = "°C"; },
	{ point = "ups.temperature.heatsink"; oid = "4.3.0"; group = "measure"; unit = "°C"; },
	{ point = "ambient.temperature"; oid = "4.2.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.test.voltage.start"; oid = "8.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.test.current.start"; oid = "8.6.0"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "battery.test.voltage.end"; oid = "8.7.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.test.current.end"; oid = "8.8.0"; group = "measure"; unit = "A"; scale = 0.001; }
);
# not read: 3.11 (hours of operation) - not a state of the supply
