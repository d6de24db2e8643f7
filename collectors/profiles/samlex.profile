# SPDX-License-Identifier: Apache-2.0
# Samlex PSR inverters: DC in, AC out, with a bypass from the grid.
name = "samlex";
title = "Samlex PSR inverter";
transport = "snmp";
source = "LibreNMS definition samlex (SAMLEX-MIB); a recorded walk of a PSR-1200-48";
base = "system";
root = ".1.3.6.1.4.1.49075.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.49075"; }
);

values = (
	{ name = "on"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); },
	{ name = "mode"; map = (
		{ value = 0; text = "offline"; },
		{ value = 1; text = "online"; } ); },
	{ name = "transfer"; map = (
		{ value = 0; text = "grid"; },
		{ value = 1; text = "inverter"; } ); },
	# Which of the two feeds the load; the inverter is the normal one, whether its own feed is a battery is not told.
	{ name = "relay"; map = (
		{ value = 0; text = "bypass"; status = "OL BYPASS"; },
		{ value = 1; text = "normal"; status = "OL"; } ); },
	{ name = "grid"; map = (
		{ value = 0; text = "absent"; },
		{ value = 1; text = "detected"; },
		{ value = 2; text = "present"; },
		{ value = 3; text = "synchronous"; },
		{ value = 4; text = "cannot synchronise"; } ); }
);

points = (
	{ point = "output.source"; oid = "3.3.4.0"; group = "status"; values = "relay"; },
	{ point = "ups.mode"; oid = "3.3.2.0"; group = "status"; values = "mode"; },
	{ point = "input.bypass.status"; oid = "3.3.5.0"; group = "status"; values = "grid"; },
	{ point = "alarm.fan.failed"; oid = "3.6.1.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.input.voltage_high"; oid = "3.6.2.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.input.voltage_low"; oid = "3.6.3.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.output.overload"; oid = "3.6.4.0"; group = "status"; true_when = [ 1 ]; status = "OVER"; },
	{ point = "alarm.ups.temperature"; oid = "3.6.5.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.output.short"; oid = "3.6.6.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.input.voltage_too_high"; oid = "3.6.7.0"; group = "status"; true_when = [ 1 ]; },
	{ point = "alarm.input.voltage_too_low"; oid = "3.6.8.0"; group = "status"; true_when = [ 1 ]; },

	{ point = "output.voltage"; oid = "3.1.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; oid = "3.1.3.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.realpower"; oid = "3.1.4.0"; group = "measure"; unit = "W"; scale = 0.1; },
	{ point = "output.frequency"; oid = "3.1.6.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.voltage"; oid = "3.1.7.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.bypass.current"; oid = "3.1.8.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.bypass.realpower"; oid = "3.1.9.0"; group = "measure"; unit = "W"; scale = 0.1; },
	{ point = "input.bypass.frequency"; oid = "3.1.10.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.voltage"; oid = "3.2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "ups.temperature"; oid = "3.3.9.0"; group = "measure"; unit = "°C"; },
	{ point = "rectifier.temperature"; oid = "3.3.8.0"; group = "measure"; unit = "°C"; },
	{ point = "fan.1.status"; oid = "3.3.1.0"; group = "measure"; values = "on"; },

	{ point = "output.voltage.nominal"; oid = "3.1.1.0"; group = "ident"; unit = "V"; scale = 0.1; },
	{ point = "output.frequency.nominal"; oid = "3.1.5.0"; group = "ident"; unit = "Hz"; scale = 0.1; },
	{ point = "ups.load.high"; oid = "3.3.6.0"; group = "ident"; unit = "%"; },
	{ point = "ups.transfer.preferred"; oid = "3.3.3.0"; group = "ident"; values = "transfer"; },
	{ point = "device.model"; oid = "1.1.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.2.0"; group = "ident"; }
);
