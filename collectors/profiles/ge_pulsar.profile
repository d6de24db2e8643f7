# SPDX-License-Identifier: Apache-2.0
# GE / OmniOn Pulsar Plus controllers of DC plants (NE843-MIB). The plant voltage is negative: its positive pole is earthed.
name = "ge_pulsar";
title = "GE Pulsar Plus DC plant";
transport = "snmp";
source = "NE843-MIB; LibreNMS definition gepulsar; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.10520.2.1.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.10520.2.1"; }
);

values = (
	{ name = "state"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "critical"; code = "ups.critical"; } ); },
	{ name = "fuse"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "alarm"; code = "fuse.failed"; } ); },
	{ name = "rectifier"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "alarm"; code = "rectifier.failed"; } ); }
);

tables = (
	{ name = "rectifier"; max_rows = 64; }
);

points = (
	{ point = "device.status"; oid = "1.13.0"; group = "status"; values = "state"; },
	{ point = "alarm.ups.on_battery"; oid = "34.1.3.23"; group = "status"; true_when = [ 1 ]; status = "OB DISCHRG"; status_false = "OL"; },
	{ point = "alarm.input.bad"; oid = "34.1.3.11"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.input.several_bad"; oid = "34.1.3.22"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.output.voltage_too_low"; oid = "34.1.3.16"; group = "status"; true_when = [ 1 ]; status = "LB"; },
	{ point = "alarm.shutdown.pending"; oid = "34.1.3.61"; group = "status"; true_when = [ 1 ]; status = "LB"; },
	{ point = "alarm.battery.disconnected"; oid = "34.1.3.65"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.ups.emergency_off"; oid = "34.1.3.8"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.rectifier.failed"; oid = "34.1.3.10"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.rectifier.several_failed"; oid = "34.1.3.17"; group = "status"; true_when = [ 1 ]; },

	{ point = "alarm.output.voltage_high"; oid = "34.1.3.25"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.output.voltage_too_high"; oid = "34.1.3.24"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.battery.temperature"; oid = "34.1.3.64"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.battery.temperature_high"; oid = "34.1.3.130"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.battery.lvd_failed"; oid = "34.1.3.66"; group = "measure"; true_when = [ 1 ]; },
	{ point = "breaker.1.status"; oid = "34.1.3.127"; group = "measure"; values = "fuse"; },
	{ point = "breaker.1.name"; oid = "34.1.2.127"; group = "ident"; },
	{ point = "breaker.2.status"; oid = "34.1.3.145"; group = "measure"; values = "fuse"; },
	{ point = "breaker.2.name"; oid = "34.1.2.145"; group = "ident"; },
	{ point = "breaker.3.status"; oid = "34.1.3.41"; group = "measure"; values = "fuse"; },
	{ point = "breaker.3.name"; oid = "34.1.2.41"; group = "ident"; },
	{ point = "breaker.4.status"; oid = "34.1.3.42"; group = "measure"; values = "fuse"; },
	{ point = "breaker.4.name"; oid = "34.1.2.42"; group = "ident"; },
	{ point = "breaker.5.status"; oid = "34.1.3.43"; group = "measure"; values = "fuse"; },
	{ point = "breaker.5.name"; oid = "34.1.2.43"; group = "ident"; },
	{ point = "breaker.6.status"; oid = "34.1.3.44"; group = "measure"; values = "fuse"; },
	{ point = "breaker.6.name"; oid = "34.1.2.44"; group = "ident"; },
	{ point = "alarm.ups.major"; oid = "34.1.3.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.fan.failed"; oid = "34.1.3.39"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.door.open"; oid = "34.1.3.36"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.generator.running"; oid = "34.1.3.97"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.generator.maintenance"; oid = "34.1.3.98"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.generator.failed"; oid = "34.1.3.99"; group = "measure"; true_when = [ 1 ]; },

	{ point = "output.voltage"; oid = "1.4.0"; group = "measure"; unit = "V"; scale = 0.001; },
	{ point = "output.current"; oid = "1.5.0"; group = "measure"; unit = "A"; },
	{ point = "rectifier.{i}.status"; column = "7.1.44"; table = "rectifier"; group = "measure"; values = "rectifier"; },
	{ point = "rectifier.{i}.current"; column = "7.1.6"; table = "rectifier"; group = "measure"; unit = "A"; },
	{ point = "rectifier.{i}.input.voltage"; column = "7.1.10"; table = "rectifier"; group = "measure"; unit = "V"; },
	{ point = "rectifier.{i}.input.current"; column = "7.1.11"; table = "rectifier"; group = "measure"; unit = "A"; scale = 0.001; },
	{ point = "rectifier.{i}.temperature"; column = "7.1.12"; table = "rectifier"; group = "measure"; unit = "°C"; }
);
