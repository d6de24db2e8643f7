# SPDX-License-Identifier: Apache-2.0
# MGE and Eaton UPS with Network-MS and older Network Management cards. The lines come from the standard MIB, the flags from MGE's own.
name = "eaton_mge";
title = "Eaton / MGE UPS (Network-MS)";
transport = "snmp";
source = "MG-SNMP-UPS-MIB; networkupstools/nut drivers/mge-mib.c";
base = "rfc1628";
also = [ "eaton_mge_lines", "eaton_emp" ];
priority = 5;
root = ".1.3.6.1.4.1.705.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.705.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.705"; probe = "1.1.0"; }
);

values = (
	{ name = "mge_transfer_reason"; map = (
		{ value = 1; text = "none"; },
		{ value = 2; text = "voltage out of range"; },
		{ value = 3; text = "frequency out of range"; },
		{ value = 4; text = "no mains"; } ); },
	{ name = "mge_utility"; map = (
		{ value = 1; text = "no voltage"; },
		{ value = 2; text = "good"; } ); },
	{ name = "mge_inverter"; map = (
		{ value = 1; text = "off"; },
		{ value = 2; text = "on"; } ); },
	{ name = "mge_contact"; map = (
		{ value = -1; text = "unknown"; },
		{ value = 1; text = "closed"; },
		{ value = 2; text = "open"; } ); },
	{ name = "mge_external"; map = (
		{ value = 1; text = "active"; },
		{ value = 2; text = "inactive"; } ); }
);

tables = (
	{ name = "mge_environment"; max_rows = 16; },
	{ name = "mge_external"; max_rows = 16; }
);

# not read: U.3.3.1.4 and U.3.3.1.5 where they are 0 while the load is fed - the cards do not measure what the UPS takes
# not read: U.2.7.0, E.534.1.6.1.0 where they are 0 - no sensor
points = (
	{ point = "battery.runtime"; oid = "5.1.0"; group = "status"; unit = "s"; },
	{ point = "battery.charge"; oid = "5.2.0"; group = "status"; unit = "%"; },
	{ point = "battery.replace"; oid = "5.11.0"; group = "status"; true_when = [ 1 ]; status = "RB"; },
	{ point = "alarm.battery.low"; oid = "5.14.0"; group = "status"; true_when = [ 1 ]; status = "LB"; },
	{ point = "alarm.ups.on_battery"; oid = "7.3.0"; group = "status"; true_when = [ 1 ]; status = "OB"; status_false = "OL"; },
	{ point = "alarm.ups.on_bypass"; oid = "7.4.0"; group = "status"; true_when = [ 1 ]; status = "BYPASS"; },
	{ point = "alarm.output.overload"; oid = "7.10.0"; group = "status"; true_when = [ 1 ]; status = "OVER"; },

	# 1 is yes, 2 is no. The inverter of a line-interactive UPS is off all day: no alarm.
	{ point = "alarm.battery.bad"; oid = "5.9.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.battery.disconnected"; oid = "5.10.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.charger.failed"; oid = "5.15.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "battery.capacity.low"; oid = "5.16.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "alarm.input.bad"; oid = "6.3.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "input.transfer.reason"; oid = "6.4.0"; group = "measure"; values = "mge_transfer_reason"; },
	{ point = "input.status"; oid = "7.7.0"; group = "measure"; values = "mge_utility"; },
	{ point = "ups.inverter.status"; oid = "7.9.0"; group = "measure"; values = "mge_inverter"; },
	{ point = "alarm.ups.temperature"; oid = "7.11.0"; group = "measure"; true_when = [ 1 ]; },
	{ point = "battery.voltage"; oid = "5.5.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "5.7.0"; group = "measure"; unit = "°C"; },

	{ point = "battery.runtime.low"; oid = "4.7.0"; group = "ident"; unit = "s"; },
	{ point = "battery.charge.low"; oid = "4.8.0"; group = "ident"; unit = "%"; },
	{ point = "device.model"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.part"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.4.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.7.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "12.12.0"; group = "ident"; },

	# environment sensor of the card (ref. 66846); the oldest have one, without a table
	{ point = "ambient.{i}.temperature"; column = "8.7.1.3"; table = "mge_environment"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.humidity"; column = "8.7.1.6"; table = "mge_environment"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ambient.{i}.contacts.1.status"; column = "8.7.1.9"; table = "mge_environment"; group = "measure"; values = "mge_contact"; },
	{ point = "ambient.{i}.contacts.2.status"; column = "8.7.1.10"; table = "mge_environment"; group = "measure"; values = "mge_contact"; },
	{ point = "ambient.{i}.name"; column = "4.34.1.2"; table = "mge_environment"; group = "ident"; },
	{ point = "ambient.{i}.contacts.1.name"; column = "4.34.1.9"; table = "mge_environment"; group = "ident"; },
	{ point = "ambient.{i}.contacts.2.name"; column = "4.34.1.12"; table = "mge_environment"; group = "ident"; },
	{ point = "ambient.temperature"; oid = "8.1.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.humidity"; oid = "8.2.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "external.{i}.status"; column = "8.3.1.2"; table = "mge_external"; group = "measure"; values = "mge_external"; },
	{ point = "external.{i}.name"; column = "4.25.1.2"; table = "mge_external"; group = "ident"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "battery.temperature", "ambient.temperature", "ambient.humidity", "ambient.{i}.temperature" ]; values = [ 0 ];
	  why = "cards without a sensor write 0"; },
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -1 ]; why = "-1 is no sensor"; }
);
