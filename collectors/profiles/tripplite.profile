# SPDX-License-Identifier: Apache-2.0
# Tripp Lite and Eaton PowerAlert: the tree of the newer cards (LX and 12.06 and later) with UPS, PDU, ATS and probes, beside the
# standard MIB of the older ones. Rows begin with the number of the device; a card has one.
name = "tripplite";
title = "Tripp Lite PowerAlert";
transport = "snmp";
source = "TRIPPLITE-PRODUCTS, TRIPPLITE-MIB; LibreNMS os_discovery poweralert; a recorded walk of a SU3000LCD2UHV";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.850.1.1.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.850.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.850"; }
);

values = (
	{ name = "tlp_battery"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; },
		{ value = 4; text = "depleted"; status = "LB DEPLETED"; } ); },
	{ name = "tlp_charge"; map = (
		{ value = 0; text = "floating"; },
		{ value = 1; text = "charging"; },
		{ value = 2; text = "resting"; },
		{ value = 3; text = "discharging"; },
		{ value = 4; text = "normal"; },
		{ value = 5; text = "standby"; } ); },
	{ name = "tlp_condition"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "weak"; },
		{ value = 3; text = "bad"; status = "RB"; } ); },
	{ name = "tlp_source"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "battery"; status = "OB"; },
		{ value = 6; text = "booster"; status = "OL BOOST"; },
		{ value = 7; text = "reducer"; status = "OL TRIM"; },
		{ value = 8; text = "second source"; status = "OL"; },
		{ value = 9; text = "economy"; status = "OL ECO"; },
		{ value = 10; text = "testing"; status = "OL TEST"; } ); },
	{ name = "tlp_on"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "off"; },
		{ value = 2; text = "on"; } ); },
	{ name = "tlp_env_contact"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "alarm"; },
		{ value = 2; text = "good"; } ); }
);

tables = (
	{ name = "tlp_ups"; max_rows = 1; },
	{ name = "tlp_input"; index = 2; number = 2; where = [ 1, 1 ]; },
	{ name = "tlp_line"; index = 2; number = 2; where = [ 1, 1 ]; },
	{ name = "tlp_pack"; index = 2; max_rows = 32; },
	{ name = "tlp_outlet"; index = 2; number = 2; max_rows = 64; },
	{ name = "tlp_pdu_input"; index = 2; number = 2; },
	{ name = "tlp_pdu_output"; index = 2; number = 2; },
	{ name = "tlp_pdu_circuit"; index = 2; number = 2; max_rows = 32; },
	{ name = "tlp_pdu_outlet"; index = 2; number = 2; max_rows = 64; },
	{ name = "tlp_ats_input"; index = 3; number = 2; max_rows = 4; },
	{ name = "tlp_ats_output"; index = 2; number = 2; },
	{ name = "tlp_env"; max_rows = 16; },
	{ name = "tlp_env_contact"; index = 2; number = 2; max_rows = 16; },
	{ name = "tl_env"; max_rows = 1; }
);

# not read: U.2.4.0 U.2.5.0 U.3.3.1.2 U.3.3.1.3 U.4.2.0 U.4.4.1.2 U.4.4.1.3 where this tree has the same - one quantity is one point, and
# this tree counts tenths and hundredths
# not read: U.2.7.0 at -273 - no sensor
points = (
	{ point = "battery.status"; column = "1.3.1.1.1.1"; table = "tlp_ups"; group = "status"; values = "tlp_battery"; },
	{ point = "battery.time.onbattery"; column = "1.3.1.1.1.2"; table = "tlp_ups"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; column = "1.3.1.1.1.3"; table = "tlp_ups"; group = "status"; unit = "s"; scale = 60; },
	{ point = "battery.charge"; column = "1.3.1.1.1.4"; table = "tlp_ups"; group = "status"; unit = "%"; },
	{ point = "output.source"; column = "1.3.3.1.1.1"; table = "tlp_ups"; group = "status"; values = "tlp_source"; },
	{ point = "output.status"; column = "1.2.1.1.1"; table = "tlp_ups"; group = "status"; values = "tlp_on"; },

	{ point = "battery.charger.status"; column = "1.3.1.2.1.4"; table = "tlp_ups"; group = "measure"; values = "tlp_charge"; },
	{ point = "battery.voltage"; column = "1.3.1.2.1.1"; table = "tlp_ups"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.pack.{i}.status"; column = "1.3.1.5.1.1"; table = "tlp_pack"; group = "measure"; values = "tlp_condition"; },
	{ point = "ups.temperature"; column = "1.2.1.1.7"; table = "tlp_ups"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "input.frequency"; lines = "input.L{i}.frequency"; column = "1.3.2.2.1.2"; table = "tlp_input"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "1.3.2.2.1.3"; table = "tlp_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.minimum"; lines = "input.L{i}-N.voltage.minimum"; column = "1.3.2.2.1.4"; table = "tlp_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.maximum"; lines = "input.L{i}-N.voltage.maximum"; column = "1.3.2.2.1.5"; table = "tlp_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.voltage.nominal"; column = "1.3.3.1.1.2"; table = "tlp_ups"; group = "ident"; unit = "V"; },
	{ point = "output.frequency"; column = "1.3.3.1.1.3"; table = "tlp_ups"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "1.3.3.2.1.2"; table = "tlp_line"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "1.3.3.2.1.3"; table = "tlp_line"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "1.3.3.2.1.4"; table = "tlp_line"; group = "measure"; unit = "W"; },
	{ point = "ups.load"; lines = "output.L{i}.power.percent"; column = "1.3.3.2.1.5"; table = "tlp_line"; group = "measure"; unit = "%"; },
	{ point = "outlet.{i}.name"; column = "1.3.5.1.1.2"; table = "tlp_outlet"; group = "ident"; },
	{ point = "outlet.{i}.status"; column = "1.3.5.1.1.4"; table = "tlp_outlet"; group = "measure"; values = "tlp_on"; },

	# PDU and ATS with the same card
	{ point = "input.frequency"; lines = "input.L{i}.frequency"; column = "2.3.1.2.1.3"; table = "tlp_pdu_input"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },
	{ point = "input.voltage"; lines = "input.L{i}-N.voltage"; column = "2.3.1.2.1.4"; table = "tlp_pdu_input"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "output.voltage"; lines = "output.L{i}-N.voltage"; column = "2.3.2.1.1.4"; table = "tlp_pdu_output"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "2.3.2.1.1.5"; table = "tlp_pdu_output"; group = "measure"; unit = "A"; scale = 0.01; instead = true; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "2.3.2.1.1.8"; table = "tlp_pdu_output"; group = "measure"; unit = "W"; instead = true; },
	{ point = "output.frequency"; lines = "output.L{i}.frequency"; column = "2.3.2.1.1.11"; table = "tlp_pdu_output"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },
	{ point = "outlet.{i}.name"; column = "2.3.3.1.1.2"; table = "tlp_pdu_outlet"; group = "ident"; instead = true; },
	{ point = "outlet.{i}.status"; column = "2.3.3.1.1.4"; table = "tlp_pdu_outlet"; group = "measure"; values = "tlp_on"; instead = true; },
	{ point = "outlet.{i}.voltage"; column = "2.3.3.1.1.7"; table = "tlp_pdu_outlet"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "outlet.{i}.current"; column = "2.3.3.1.1.8"; table = "tlp_pdu_outlet"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "outlet.{i}.realpower"; column = "2.3.3.1.1.9"; table = "tlp_pdu_outlet"; group = "measure"; unit = "W"; },
	{ point = "outlet.{i}.frequency"; column = "2.3.3.1.1.22"; table = "tlp_pdu_outlet"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "feed.{i}.voltage"; column = "2.3.4.1.1.3"; table = "tlp_pdu_circuit"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "feed.{i}.current"; column = "2.3.4.1.1.4"; table = "tlp_pdu_circuit"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "input.{i}.voltage"; column = "4.3.1.2.1.5"; table = "tlp_ats_input"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "4.3.2.1.1.5"; table = "tlp_ats_output"; group = "measure"; unit = "A"; scale = 0.01; instead = true; },

	# probes: EnviroSense 2, else EnviroSense
	{ point = "ambient.{i}.temperature"; column = "3.3.1.1.1"; table = "tlp_env"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.humidity"; column = "3.3.2.1.1"; table = "tlp_env"; group = "measure"; unit = "%"; },
	{ point = "ambient.1.contacts.{i}.state"; column = "3.3.3.1.5"; table = "tlp_env_contact"; group = "measure"; values = "tlp_env_contact"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "3.3.3.1.2"; table = "tlp_env_contact"; group = "ident"; },
	{ point = "ambient.{i}.temperature"; column = ".1.3.6.1.4.1.850.101.1.1.1"; table = "tl_env"; group = "measure"; unit = "°C"; instead = true; },
	{ point = "ambient.{i}.humidity"; column = ".1.3.6.1.4.1.850.101.1.2.1"; table = "tl_env"; group = "measure"; unit = "%"; instead = true; },

	{ point = "device.model"; column = ".1.3.6.1.4.1.850.1.1.1.2.1.5"; table = "tlp_ups"; group = "ident"; },
	{ point = "device.serial"; oid = ".1.3.6.1.4.1.850.100.1.1.2.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ 4294967295L ]; except = [ "input.quality" ]; why = "all ones is what the card does not know"; }
);
