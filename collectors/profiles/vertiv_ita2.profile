# SPDX-License-Identifier: Apache-2.0
# Vertiv ITA2 cards with a tree of three phases, zeros for those a single-phase UPS does not have.
name = "vertiv_ita2";
title = "Vertiv ITA2";
transport = "snmp";
source = "VERTIV-ITA2-MIB; LibreNMS vertiv-ita2 sensors; a recorded walk";
base = "system";
priority = 0;
root = ".1.3.6.1.4.1.13400.2.54";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.13400.2.54"; },
	{ sysobjectid = ".1.3.6.1.4.1.13400.2"; probe = ".1.3.6.1.4.1.13400.2.54.2.1.2.0"; }
);

values = (
	{ name = "output_source"; map = (
		{ value = 0; text = "none"; status = "OFF"; },
		{ value = 1; text = "normal"; status = "OL"; },
		{ value = 2; text = "battery"; status = "OB"; },
		{ value = 3; text = "bypass"; status = "OL BYPASS"; },
		{ value = 4; text = "normal"; status = "OL"; } ); },	# mains and battery together
	{ name = "system"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "warning"; },
		{ value = 2; text = "critical"; } ); }
);

points = (
	{ point = "output.source"; oid = "2.1.2.0"; group = "status"; values = "output_source"; },
	{ point = "device.status"; oid = "2.1.1.0"; group = "status"; values = "system"; },
	{ point = "battery.runtime"; oid = "2.5.7.0"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; oid = "2.5.10.0"; group = "status"; unit = "%"; },
	{ point = "input.frequency"; oid = "2.2.4.0"; group = "measure"; unit = "Hz"; scale = 0.01; },
	{ point = "output.frequency"; oid = "2.3.7.0"; group = "measure"; unit = "Hz"; scale = 0.01; },
	{ point = "input.bypass.frequency"; oid = "2.4.4.0"; group = "measure"; unit = "Hz"; scale = 0.01; },
	{ point = "input.L1-N.voltage"; oid = "2.2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L1.current"; oid = "2.2.5.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L1-N.voltage"; oid = "2.3.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1.current"; oid = "2.3.4.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L1.realpower"; oid = "2.3.8.0"; group = "measure"; unit = "W"; scale = 10; },
	{ point = "output.L1.power.percent"; oid = "2.3.14.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.bypass.L1-N.voltage"; oid = "2.4.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L2-N.voltage"; oid = "2.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L2.current"; oid = "2.2.6.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L2-N.voltage"; oid = "2.3.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L2.current"; oid = "2.3.5.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L2.realpower"; oid = "2.3.9.0"; group = "measure"; unit = "W"; scale = 10; },
	{ point = "output.L2.power.percent"; oid = "2.3.15.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.bypass.L2-N.voltage"; oid = "2.4.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L3-N.voltage"; oid = "2.2.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L3.current"; oid = "2.2.7.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L3-N.voltage"; oid = "2.3.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L3.current"; oid = "2.3.6.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L3.realpower"; oid = "2.3.10.0"; group = "measure"; unit = "W"; scale = 10; },
	{ point = "output.L3.power.percent"; oid = "2.3.16.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.bypass.L3-N.voltage"; oid = "2.4.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.voltage.positive"; oid = "2.5.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.voltage.negative"; oid = "2.5.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current.charging.positive"; oid = "2.5.3.0"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "battery.current.discharging.positive"; oid = "2.5.4.0"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "battery.current.charging.negative"; oid = "2.5.5.0"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "battery.current.discharging.negative"; oid = "2.5.6.0"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "battery.temperature"; oid = "2.5.8.0"; group = "measure"; unit = "°C"; scale = 0.001; },
	{ point = "ambient.temperature"; oid = "2.5.9.0"; group = "measure"; unit = "°C"; scale = 0.001; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.3.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.*", "input.*", "output.*", "ambient.temperature" ]; values = [ 65535L ]; why = "what is not measured"; },
	{ kind = "unset-until-seen"; points = [ "input.L*", "output.L*", "input.bypass.L*", "battery.voltage.negative" ]; values = [ 0 ];
	  why = "phases and battery halves that a model does not have; one that was there and fails is shown"; }
);
