# SPDX-License-Identifier: Apache-2.0
# Megatec NetAgent cards and their many brands (LogMaster, PowerWalker, Online, Salicru ...): single objects for one phase, others for three.
name = "xppc";
title = "Megatec NetAgent (XPPC)";
transport = "snmp";
source = "XPPC-MIB; NUT xppc-mib; LibreNMS netagent2 and logmaster sensors; recorded walks of two cards";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.4.1.935.1.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.935"; },
	{ probe = ".1.3.6.1.4.1.935.1.1.1.1.1.1.0"; }
);

values = (
	{ name = "battery_status"; map = (
		{ value = 1; text = "unknown"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "low"; status = "LB"; } ); },
	{ name = "output_source"; map = (
		{ value = 0; text = "other"; },
		{ value = 1; text = "other"; },
		{ value = 2; text = "normal"; status = "OL"; },
		{ value = 3; text = "battery"; status = "OB"; },
		{ value = 4; text = "booster"; status = "OL BOOST"; },
		{ value = 5; text = "none"; status = "OFF"; },		# sleeping until mains returns
		{ value = 6; text = "bypass"; status = "OL BYPASS"; },
		{ value = 7; text = "none"; status = "OFF"; },		# restarting
		{ value = 8; text = "none"; status = "OFF"; },		# standby
		{ value = 9; text = "reducer"; status = "OL TRIM"; } ); },
	{ name = "charger"; map = (
		{ value = 6; text = "charging"; status = "CHRG"; },
		{ value = 7; text = "floating"; } ); },
	{ name = "contact"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "critical"; } ); }
);

points = (
	{ point = "battery.status"; oid = "2.1.1.0"; group = "status"; values = "battery_status"; },
	{ point = "battery.time.onbattery"; oid = "2.1.2.0"; group = "status"; unit = "s"; },
	{ point = "battery.charge"; oid = "2.2.1.0"; group = "status"; unit = "%"; },
	{ point = "battery.charge"; oid = "8.1.2.0"; group = "status"; unit = "%"; instead = true; },
	{ point = "battery.runtime"; oid = "2.2.4.0"; group = "status"; unit = "s"; },
	{ point = "battery.runtime"; oid = "8.1.3.0"; group = "status"; unit = "s"; scale = 60; instead = true; },
	{ point = "output.source"; oid = "4.1.1.0"; group = "status"; values = "output_source"; },
	{ point = "battery.voltage"; oid = "2.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "battery.voltage"; oid = "8.1.1.0"; group = "measure"; unit = "V"; scale = 0.1; instead = true; },
	{ point = "battery.current"; oid = "2.2.7.0"; group = "measure"; unit = "A"; },
	{ point = "battery.current"; oid = "8.1.4.0"; group = "measure"; unit = "A"; instead = true; },
	{ point = "ups.temperature"; oid = "2.2.3.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "battery.temperature"; oid = "8.1.5.0"; group = "measure"; unit = "°C"; },
	{ point = "battery.charger.status"; oid = "8.5.6.0"; group = "measure"; values = "charger"; },
	{ point = "battery.replace"; oid = "2.2.5.0"; group = "measure"; true_when = [ 2 ]; },
	{ point = "input.frequency"; oid = "8.2.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.frequency"; oid = "3.2.4.0"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },
	{ point = "input.voltage"; oid = "3.2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.maximum"; oid = "3.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.voltage.minimum"; oid = "3.2.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.frequency"; oid = "8.3.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.frequency"; oid = "4.2.2.0"; group = "measure"; unit = "Hz"; scale = 0.1; instead = true; },
	{ point = "output.voltage"; oid = "4.2.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "ups.load"; oid = "4.2.3.0"; group = "measure"; unit = "%"; },
	{ point = "input.bypass.frequency"; oid = "8.4.1.0"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.L1-N.voltage"; oid = "8.2.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1-N.voltage"; oid = "8.3.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1.power.percent"; oid = "8.3.5.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.bypass.L1-N.voltage"; oid = "8.4.2.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L2-N.voltage"; oid = "8.2.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L2-N.voltage"; oid = "8.3.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L2.power.percent"; oid = "8.3.6.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.bypass.L2-N.voltage"; oid = "8.4.3.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L3-N.voltage"; oid = "8.2.4.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L3-N.voltage"; oid = "8.3.4.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L3.power.percent"; oid = "8.3.7.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "input.bypass.L3-N.voltage"; oid = "8.4.4.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "alarm.ups.emergency_off"; oid = "8.7.1.0"; group = "measure"; true_when = [ 14 ]; },
	{ point = "alarm.output.overload"; oid = "8.7.4.0"; group = "measure"; true_when = [ 14 ]; },
	{ point = "alarm.output.bad"; oid = "8.7.5.0"; group = "measure"; true_when = [ 14 ]; },
	{ point = "alarm.ups.temperature"; oid = "8.7.6.0"; group = "measure"; true_when = [ 14 ]; },
	{ point = "alarm.output.short"; oid = "8.7.7.0"; group = "measure"; true_when = [ 14 ]; },
	{ point = "ambient.1.temperature"; oid = "9.1.1.0"; group = "measure"; unit = "°C"; },
	{ point = "ambient.1.humidity"; oid = "9.1.2.0"; group = "measure"; unit = "%"; },
	{ point = "ambient.1.leak"; oid = "9.1.3.0"; group = "measure"; true_when = [ 2 ]; },
	{ point = "ambient.1.smoke"; oid = "9.1.4.0"; group = "measure"; true_when = [ 2 ]; },
	{ point = "ambient.1.contacts.1.state"; oid = "9.1.5.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.2.state"; oid = "9.1.6.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.3.state"; oid = "9.1.7.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.4.state"; oid = "9.1.8.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.5.state"; oid = "9.1.9.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.6.state"; oid = "9.1.10.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.1.contacts.7.state"; oid = "9.1.11.0"; group = "measure"; values = "contact"; },
	{ point = "ambient.2.temperature"; oid = ".1.3.6.1.4.1.13409.1.1.1.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "ambient.2.humidity"; oid = ".1.3.6.1.4.1.13409.1.1.2.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "device.model"; oid = "1.1.1.0"; group = "ident"; },
	{ point = "device.name"; oid = "1.1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.2.1.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.2.3.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.2.4.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.runtime" ]; values = [ 9999 ]; why = "no estimate"; },
	{ kind = "sentinel"; points = [ "battery.*", "input.*", "output.*", "ups.*", "ambient.*" ]; values = [ -1L, 65535L ]; except = [ "battery.current" ];
	  why = "what the UPS does not tell the card"; },
	{ kind = "unset-until-seen"; points = [ "input.L*", "output.L*", "input.bypass.*", "input.frequency", "output.frequency", "battery.voltage",
		"ups.temperature", "battery.temperature", "ambient.1.temperature", "ambient.1.humidity" ]; values = [ 0 ];
	  why = "cards answer objects of three phases and sensors with 0 where there are none; a phase that was there and fails is shown"; },
	{ kind = "divide-if-above"; points = [ "ambient.1.temperature", "ambient.1.humidity" ]; limit = 100; factor = 10;
	  why = "some sensors count tenths"; }
);
# not so:   935.1.1.1.2.2.4.0 of the recording, 9999 - no estimate
# not so:   13409.1.1.1.0 of the recording, 2165 - 21.65 °C
