# SPDX-License-Identifier: Apache-2.0
# APC environmental manager (AP9340) and the modules on its chain.
name = "apc_mem";
title = "APC environmental manager";
transport = "snmp";
source = "PowerNet-MIB (modularEnvironmentalManager)";
base = "system";
priority = 12;
root = ".1.3.6.1.4.1.318.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.8.4"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "10.4.2.1.0"; }
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
		{ value = 4; text = "unknown"; } ); }
);

tables = (
	# six sensors and four inputs in the manager itself, module 0, and as many in each of twelve others
	{ name = "mem_temperature"; first = 1; max_rows = 6; label = "10.4.2.3.1.7.0"; skip = [ "1" ]; unit = "10.4.2.1";
	  units = ( { text = "1"; scale = 1; }, { text = "2"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "mem"; first = 1; max_rows = 6; label = "10.4.2.3.1.7.0"; skip = [ "1" ]; },
	{ name = "mem_input"; first = 1; max_rows = 4; },
	{ name = "memx_temperature"; index = 2; numbers = [ 12, 6 ]; first = 7; max_rows = 72; only = ( { column = "10.4.2.3.1.1"; is_not = [ 0 ]; } ); label = "10.4.2.3.1.7"; skip = [ "1" ]; unit = "10.4.2.1";
	  units = ( { text = "1"; scale = 1; }, { text = "2"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "memx"; index = 2; numbers = [ 12, 6 ]; first = 7; max_rows = 72; only = ( { column = "10.4.2.3.1.1"; is_not = [ 0 ]; } ); label = "10.4.2.3.1.7"; skip = [ "1" ]; },
	{ name = "memx_input"; index = 2; numbers = [ 12, 4 ]; first = 5; max_rows = 48; only = ( { column = "10.4.3.2.1.1"; is_not = [ 0 ]; } ); }
);

# not read: E.318.1.1.10.4.2.3.1.6 at -1 - a probe without a humidity sensor
points = (
	{ point = "ambient.{i}.temperature"; column = "10.4.2.3.1.5.0"; table = "mem_temperature"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.temperature"; column = "10.4.2.3.1.5"; table = "memx_temperature"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "10.4.2.3.1.6.0"; table = "mem"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.humidity"; column = "10.4.2.3.1.6"; table = "memx"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "10.4.2.3.1.3.0"; table = "mem"; group = "ident"; },
	{ point = "ambient.{i}.name"; column = "10.4.2.3.1.3"; table = "memx"; group = "ident"; },
	{ point = "ambient.{i}.status"; column = "10.4.2.3.1.8.0"; table = "mem"; group = "measure"; values = "apc_sensor_state"; },
	{ point = "ambient.{i}.status"; column = "10.4.2.3.1.8"; table = "memx"; group = "measure"; values = "apc_sensor_state"; },
	{ point = "ambient.{i}.present"; column = "10.4.2.3.1.7.0"; table = "mem"; group = "measure"; values = "apc_sensor_comm"; },
	{ point = "ambient.{i}.present"; column = "10.4.2.3.1.7"; table = "memx"; group = "measure"; values = "apc_sensor_comm"; },
	{ point = "ambient.1.contacts.{i}.status"; column = "10.4.3.2.1.5.0"; table = "mem_input"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.1.contacts.{i}.status"; column = "10.4.3.2.1.5"; table = "memx_input"; group = "measure"; values = "apc_uio_contact"; },
	{ point = "ambient.1.contacts.{i}.state"; column = "10.4.3.2.1.7.0"; table = "mem_input"; group = "measure"; values = "apc_sensor_state"; },
	{ point = "ambient.1.contacts.{i}.state"; column = "10.4.3.2.1.7"; table = "memx_input"; group = "measure"; values = "apc_sensor_state"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "10.4.3.2.1.3.0"; table = "mem_input"; group = "ident"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "10.4.3.2.1.3"; table = "memx_input"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = ".1.3.6.1.4.1.318.1.4.2.4.1.4.1"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ -1 ]; why = "-1 is the word for no such sensor"; }
);
