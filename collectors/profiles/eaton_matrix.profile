# SPDX-License-Identifier: Apache-2.0
# Eaton Matrix inverter systems (Voltronic/EPPC card): inverters on a DC bus, and a static switch between them and mains.
name = "eaton_matrix";
title = "Eaton Matrix inverter system";
transport = "snmp";
source = "TELECOM-MIB";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.935.10.2.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.935.10.2"; },
	{ sysobjectid = ".1.3.6.1.4.1.935"; probe = "1.5.0"; }
);

values = (
	{ name = "inverter"; map = (
		{ value = 1; text = "off"; },
		{ value = 2; text = "on"; } ); },
	{ name = "priority"; map = (
		{ value = 1; text = "inverter"; },
		{ value = 2; text = "grid"; } ); },
	{ name = "bypass_switch"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "manual, fed by the inverters"; code = "ups.minor"; },
		{ value = 3; text = "bypass, fed by the inverters"; code = "ups.on_bypass"; },
		{ value = 4; text = "manual, fed by mains"; code = "ups.on_bypass"; },
		{ value = 5; text = "bypass, fed by mains"; code = "ups.on_bypass"; },
		{ value = 6; text = "fault"; code = "ups.fault"; } ); },
	{ name = "switch"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "fault"; code = "ups.fault"; } ); },
	{ name = "running"; map = (
		{ value = 1; text = "normal"; status = "OL"; },
		{ value = 2; text = "mains"; status = "OL BYPASS"; },
		{ value = 3; text = "none"; status = "OFF"; code = "output.off"; } ); },
	{ name = "contact"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; } ); }
);

tables = (
	{ name = "inverters"; count = "2.1.0"; max_rows = 64; },
	{ name = "sts"; count = "3.1.0"; max_rows = 1; }
);

points = (
	{ point = "output.source"; column = "3.2.1.19"; table = "sts"; group = "status"; values = "running"; },
	{ point = "switch.status"; column = "3.2.1.18"; table = "sts"; group = "status"; values = "switch"; },
	{ point = "switch.mode"; column = "3.2.1.17"; table = "sts"; group = "status"; values = "bypass_switch"; },
	{ point = "ups.transfer.preferred"; oid = "5.15.0"; group = "measure"; values = "priority"; },
	{ point = "input.1.voltage"; column = "3.2.1.7"; table = "sts"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.1.frequency"; column = "3.2.1.8"; table = "sts"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.2.voltage"; column = "3.2.1.9"; table = "sts"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.2.frequency"; column = "3.2.1.10"; table = "sts"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.voltage"; column = "3.2.1.11"; table = "sts"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; column = "3.2.1.12"; table = "sts"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.power"; column = "3.2.1.13"; table = "sts"; group = "measure"; unit = "VA"; },
	{ point = "output.frequency"; column = "3.2.1.14"; table = "sts"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "switch.temperature"; column = "3.2.1.16"; table = "sts"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "device.temperature"; oid = "1.4.0"; group = "measure"; unit = "°C"; scale = 0.1; },

	{ point = "rectifier.modules"; oid = "2.1.0"; group = "measure"; },
	{ point = "rectifier.{i}.voltage"; column = "2.2.1.6"; table = "inverters"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "rectifier.{i}.current"; column = "2.2.1.7"; table = "inverters"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "rectifier.{i}.input.voltage"; column = "2.2.1.8"; table = "inverters"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "rectifier.{i}.frequency"; column = "2.2.1.9"; table = "inverters"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "rectifier.{i}.power"; column = "2.2.1.10"; table = "inverters"; group = "measure"; unit = "VA"; },
	{ point = "rectifier.{i}.temperature"; column = "2.2.1.13"; table = "inverters"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "rectifier.{i}.status"; column = "2.2.1.26"; table = "inverters"; group = "measure"; values = "inverter"; },
	{ point = "rectifier.{i}.serial"; column = "2.2.1.2"; table = "inverters"; group = "ident"; },

	# The card lists the numbers of standing traps as text; there are some ninety.
	{ point = "ups.alarm"; oid = "1.3.0"; group = "status"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.1.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.5.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ -1 ]; why = "-1 is what the module does not measure"; }
);
