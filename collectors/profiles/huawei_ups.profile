# SPDX-License-Identifier: Apache-2.0
# Huawei UPSs: the standard MIB with scales of its own, and on UPS5000 and its kin a tree with tenths.
name = "huawei_ups";
title = "Huawei UPS";
transport = "snmp";
source = "NUT huawei-mib; a recorded walk of a UPS2000 card";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.2011.6.174.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2011.6.174"; }
);

values = (
	{ name = "supply"; map = (
		{ value = 1; text = "none"; status = "OFF"; },
		{ value = 2; text = "bypass"; status = "OL BYPASS"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "battery"; status = "OB"; },
		{ value = 5; text = "other"; },			# mains and battery together
		{ value = 6; text = "normal"; status = "OL ECO"; },
		{ value = 7; text = "battery"; status = "OB ECO"; } ); },
	{ name = "charger"; map = (
		{ value = 1; text = "off"; },			# not connected
		{ value = 2; text = "resting"; },
		{ value = 3; text = "resting"; },		# hibernation
		{ value = 4; text = "floating"; },
		{ value = 5; text = "equalising"; status = "CHRG"; },
		{ value = 6; text = "discharging"; status = "DISCHRG"; } ); }
);

points = (
	{ point = "output.source"; oid = "2.101.1.1.1"; group = "status"; values = "supply"; },
	{ point = "battery.charger.status"; oid = "2.101.1.3.1"; group = "status"; values = "charger"; },
	{ point = "battery.charge"; oid = "6.100.1.3.1"; group = "status"; unit = "%"; },
	{ point = "battery.runtime"; oid = "6.100.1.4.1"; group = "status"; unit = "s"; },
	{ point = "battery.voltage"; oid = "6.100.1.1.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.current"; oid = "6.100.1.2.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.frequency"; oid = "3.100.1.4.1"; group = "measure"; unit = "Hz"; scale = 0.01; },
	{ point = "input.bypass.frequency"; oid = "5.100.1.4.1"; group = "measure"; unit = "Hz"; scale = 0.01; },
	{ point = "output.frequency"; oid = "4.100.1.7.1"; group = "measure"; unit = "Hz"; scale = 0.01; },
	{ point = "input.L1-N.voltage"; oid = "3.100.1.1.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L1.current"; oid = "3.100.1.5.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.L1.powerfactor"; oid = "3.100.1.8.1"; group = "measure"; scale = 0.01; },
	{ point = "input.bypass.L1-N.voltage"; oid = "5.100.1.1.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1-N.voltage"; oid = "4.100.1.1.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1.current"; oid = "4.100.1.4.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L1.realpower"; oid = "4.100.1.8.1"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "output.L1.power"; oid = "4.100.1.11.1"; group = "measure"; unit = "VA"; scale = 100; },
	{ point = "output.L1.power.percent"; oid = "4.100.1.14.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.L1.powerfactor"; oid = "4.100.1.19.1"; group = "measure"; scale = 0.01; },
	{ point = "input.L2-N.voltage"; oid = "3.100.1.2.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L2.current"; oid = "3.100.1.6.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.L2.powerfactor"; oid = "3.100.1.9.1"; group = "measure"; scale = 0.01; },
	{ point = "input.bypass.L2-N.voltage"; oid = "5.100.1.2.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L2-N.voltage"; oid = "4.100.1.2.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L2.current"; oid = "4.100.1.5.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L2.realpower"; oid = "4.100.1.9.1"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "output.L2.power"; oid = "4.100.1.12.1"; group = "measure"; unit = "VA"; scale = 100; },
	{ point = "output.L2.power.percent"; oid = "4.100.1.15.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.L2.powerfactor"; oid = "4.100.1.20.1"; group = "measure"; scale = 0.01; },
	{ point = "input.L3-N.voltage"; oid = "3.100.1.3.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L3.current"; oid = "3.100.1.7.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.L3.powerfactor"; oid = "3.100.1.10.1"; group = "measure"; scale = 0.01; },
	{ point = "input.bypass.L3-N.voltage"; oid = "5.100.1.3.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L3-N.voltage"; oid = "4.100.1.3.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L3.current"; oid = "4.100.1.6.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L3.realpower"; oid = "4.100.1.10.1"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "output.L3.power"; oid = "4.100.1.13.1"; group = "measure"; unit = "VA"; scale = 100; },
	{ point = "output.L3.power.percent"; oid = "4.100.1.16.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.L3.powerfactor"; oid = "4.100.1.21.1"; group = "measure"; scale = 0.01; },
	{ point = "device.model"; oid = "2.100.1.2.1"; group = "ident"; },
	{ point = "ups.firmware"; oid = "2.100.1.3.1"; group = "ident"; },
	{ point = "device.serial"; oid = "2.100.1.5.1"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "input.L*", "output.L*", "input.bypass.L*", "battery.*", "*.frequency" ]; values = [ 2147483647L, 65535L, 4294967295L ];
	  except = [ "battery.status", "battery.charger.status" ];
	  why = "all ones for what is not measured"; },
	{ kind = "unset-until-seen"; points = [ "input.L*.voltage", "output.L*.voltage", "input.bypass.L*.voltage" ]; values = [ 0 ];
	  why = "phases a single-phase device does not have; a phase that was there and fails reads zero and is shown"; }
);
# not so: 33.1.3.3.1.2, .4.2, .5.1 - raw 500 is 50 Hz, not 5; 33.1.4.4.1.4 - 1 is 1 kW; 33.1.2.3 - all ones is no time (quirks)
