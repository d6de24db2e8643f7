# SPDX-License-Identifier: Apache-2.0
# APC environment units and the sensors of network cards
name = "apc_env";
title = "APC environment units and the sensors of network cards";
transport = "snmp";
source = "PowerNet-MIB";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.318.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.8"; },		# EMU, EMU2 (AP9320)
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "10.3.1.2.0"; }
);

values = (
	{ name = "apc_sensor_comm"; map = (
		{ value = 1; text = "no"; },
		{ value = 2; text = "yes"; },
		{ value = 3; text = "lost"; } ); },
	{ name = "apc_sensor_state"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "warning"; },
		{ value = 3; text = "critical"; },
		{ value = 4; text = "unknown"; } ); },
	{ name = "apc_uio_contact"; map = (
		{ value = 1; text = "closed"; },
		{ value = 2; text = "open"; },
		{ value = 3; text = "disabled"; },
		{ value = 4; text = "unknown"; } ); },
	{ name = "apc_iem_contact"; map = (
		{ value = 1; text = "no fault"; },
		{ value = 2; text = "fault"; },
		{ value = 3; text = "disabled"; } ); },
	{ name = "apc_ems_relay"; map = (
		{ value = 1; text = "closed"; },
		{ value = 2; text = "open"; } ); },
	{ name = "apc_iem_relay"; map = (
		{ value = 1; text = "fault"; },
		{ value = 2; text = "normal"; } ); },
	{ name = "apc_ems_outlet"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "off"; } ); },
	{ name = "apc_leak"; map = (
		{ value = 1; text = "leak"; },
		{ value = 2; text = "no leak"; },
		{ value = 3; text = "disabled"; },
		{ value = 4; text = "unknown"; } ); }
);

tables = (
	# IEM and UIO mirror each other on newer cards; the UIO tells more and goes first. EMS probes that were never there are left out by
	# their contact (1 never found, 2 ok, 3 lost), temperatures of IEM, EMS and MEM are in the unit the administrator chose.
	{ name = "uio"; first = 1; max_rows = 16; },
	{ name = "uio_contact1"; index = 2; number = 2; where = [ 1, 1 ]; max_rows = 8; },
	{ name = "uio_contact2"; index = 2; number = 2; where = [ 1, 2 ]; max_rows = 8; },
	{ name = "uio_contact3"; index = 2; number = 2; where = [ 1, 3 ]; max_rows = 8; },
	{ name = "uio_contact4"; index = 2; number = 2; where = [ 1, 4 ]; max_rows = 8; },
	{ name = "uio_relay"; index = 2; first = 1; numbers = [ 4, 4 ]; max_rows = 16; },
	{ name = "uio_leak"; first = 1; max_rows = 16; },
	{ name = "iem_temperature"; unit = "10.2.3.2.1.5"; max_rows = 16;
	  units = ( { text = "1"; scale = 1; }, { text = "2"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "iem"; max_rows = 16; },
	{ name = "iem_contact"; max_rows = 16; },
	{ name = "iem_relay"; max_rows = 16; },
	{ name = "ems_temperature"; label = "10.3.13.1.1.10"; unit = "10.3.12.11"; max_rows = 32; skip = [ "1" ];
	  units = ( { text = "1"; scale = 1; }, { text = "2"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "ems"; label = "10.3.13.1.1.10"; max_rows = 32; skip = [ "1" ]; },
	{ name = "ems_contact"; max_rows = 16; },
	{ name = "ems_relay"; max_rows = 16; },
	{ name = "ems_outlet"; max_rows = 16; }
);

points = (
	{ point = "device.model"; oid = "10.3.1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "10.3.1.3.0"; group = "ident"; },
	{ point = "device.serial"; oid = "10.3.1.6.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = ".1.3.6.1.4.1.318.1.4.2.4.1.4.1"; group = "ident"; },

	# universal sensors (UIO)
	{ point = "ambient.{i}.temperature"; column = "25.1.2.1.6"; table = "uio"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "25.1.2.1.7"; table = "uio"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "25.1.2.1.3"; table = "uio"; group = "ident"; },
	{ point = "ambient.{i}.status"; column = "25.1.2.1.9"; table = "uio"; group = "measure"; values = "apc_sensor_state"; },
	{ point = "ambient.{i}.present"; column = "25.1.2.1.10"; table = "uio"; group = "measure"; values = "apc_sensor_comm"; },
	{ point = "ambient.1.contacts.{i}.status"; column = "25.2.2.1.5"; table = "uio_contact1"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "25.2.2.1.3"; table = "uio_contact1"; group = "ident"; },
	{ point = "ambient.2.contacts.{i}.status"; column = "25.2.2.1.5"; table = "uio_contact2"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.2.contacts.{i}.name"; column = "25.2.2.1.3"; table = "uio_contact2"; group = "ident"; },
	{ point = "ambient.3.contacts.{i}.status"; column = "25.2.2.1.5"; table = "uio_contact3"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.3.contacts.{i}.name"; column = "25.2.2.1.3"; table = "uio_contact3"; group = "ident"; },
	{ point = "ambient.4.contacts.{i}.status"; column = "25.2.2.1.5"; table = "uio_contact4"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.4.contacts.{i}.name"; column = "25.2.2.1.3"; table = "uio_contact4"; group = "ident"; },
	{ point = "relay.{i}.status"; column = "25.3.2.1.5"; table = "uio_relay"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.{i}.leak"; column = "25.4.2.1.5"; table = "uio_leak"; group = "measure"; true_when = [ 1 ]; },

	# integrated environment monitor (IEM); 1 in column 3 is a probe that is not connected
	{ point = "ambient.{i}.temperature"; column = "10.2.3.2.1.4"; table = "iem_temperature"; group = "measure"; unit = "°C"; instead = true; },
	{ point = "ambient.{i}.humidity"; column = "10.2.3.2.1.6"; table = "iem"; group = "measure"; unit = "%"; instead = true; },
	{ point = "ambient.{i}.name"; column = "10.2.3.2.1.2"; table = "iem"; group = "ident"; instead = true; },
	{ point = "ambient.{i}.present"; column = "10.2.3.2.1.3"; table = "iem"; group = "measure"; values = "apc_sensor_comm"; instead = true; },
	{ point = "ambient.1.contacts.{i}.status"; column = "10.2.3.4.1.3"; table = "iem_contact"; group = "measure"; values = "apc_iem_contact"; instead = true; },
	{ point = "ambient.1.contacts.{i}.name"; column = "10.2.3.4.1.2"; table = "iem_contact"; group = "ident"; instead = true; },
	{ point = "relay.{i}.status"; column = "10.2.3.7.1.3"; table = "iem_relay"; group = "measure"; values = "apc_iem_relay"; instead = true; },

	# environmental management system (EMS, EMU2)
	{ point = "ambient.{i}.temperature"; column = "10.3.13.1.1.3"; table = "ems_temperature"; group = "measure"; unit = "°C"; instead = true; },
	{ point = "ambient.{i}.humidity"; column = "10.3.13.1.1.6"; table = "ems"; group = "measure"; unit = "%"; instead = true; },
	{ point = "ambient.{i}.name"; column = "10.3.13.1.1.2"; table = "ems"; group = "ident"; instead = true; },
	{ point = "ambient.{i}.present"; column = "10.3.13.1.1.10"; table = "ems"; group = "measure"; values = "apc_sensor_comm"; instead = true; },
	{ point = "ambient.1.contacts.{i}.status"; column = "10.3.14.1.1.3"; table = "ems_contact"; group = "measure"; values = "apc_uio_contact"; instead = true; },
	{ point = "ambient.1.contacts.{i}.name"; column = "10.3.14.1.1.2"; table = "ems_contact"; group = "ident"; instead = true; },
	{ point = "relay.{i}.status"; column = "10.3.15.1.1.3"; table = "ems_relay"; group = "measure"; values = "apc_ems_relay"; instead = true; },
	{ point = "outlet.{i}.status"; column = "10.3.16.1.1.3"; table = "ems_outlet"; group = "measure"; values = "apc_ems_outlet"; },
	{ point = "outlet.{i}.name"; column = "10.3.16.1.1.2"; table = "ems_outlet"; group = "ident"; },


	# Measure-UPS, the oldest
	{ point = "ambient.temperature"; oid = "2.1.1.0"; group = "measure"; unit = "°C"; },
	{ point = "ambient.humidity"; oid = "2.1.2.0"; group = "measure"; unit = "%"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -1 ]; why = "-1 is the word for no such sensor, -1 degree included"; },
	{ kind = "unset-until-seen"; points = [ "ambient.{i}.temperature", "ambient.temperature", "ambient.humidity" ]; values = [ 0 ];
	  why = "ports without a probe read 0"; },
	{ kind = "negative-unknown"; points = [ "ambient.{i}.humidity" ]; why = "-1 is a probe without a humidity sensor"; }
);
