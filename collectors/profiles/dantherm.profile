# SPDX-License-Identifier: Apache-2.0
# Dantherm FreeCooling controller of telecom shelters; its sysObjectID is nobody's. Outdoors is object 4: LibreNMS reads it, but files it
# under object 6. Not read: the revolutions of the fans, for which there is no point; -41 at the hot spot is no sensor.
name = "dantherm";
title = "Dantherm FreeCooling controller";
transport = "snmp";
source = "DANTHERM-COOLING-MIB by LibreNMS; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.46651.1.1";

detect = (
	{ sysdescr = "FreeCooling Controller"; probe = "1.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.46651"; }
);

values = (
	{ name = "fan"; map = (
		{ value = 0; text = "stopped"; },
		{ value = 1; text = "running"; },
		{ value = 2; text = "emergency"; } ); },
	{ name = "damper"; map = (
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; },
		{ value = 2; text = "moving"; },
		{ value = 3; text = "emergency"; } ); },
	{ name = "mode"; map = (
		{ value = 0; text = "free cooling"; },
		{ value = 1; text = "standard"; },
		{ value = 2; text = "power save"; },
		{ value = 3; text = "air conditioning"; } ); },
	{ name = "state"; map = (
		{ value = 0; text = "inactive"; },
		{ value = 1; text = "heating"; },
		{ value = 2; text = "recycling"; },
		{ value = 3; text = "free cooling"; },
		{ value = 4; text = "cooling"; },
		{ value = 5; text = "emergency"; },
		{ value = 6; text = "intermediate"; } ); }
);

points = (
	{ point = "cooling.1.controller.temperature"; oid = "1.0";  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.temperature"; oid = "2.0";  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.hotspot.temperature"; oid = "3.0";  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.outdoor.temperature"; oid = "4.0";  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.temperature.setpoint"; oid = "29.0";  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.fan.{i}.speed"; oid = "{i}.0"; repeat = [ 10, 11 ]; first = 1;  group = "measure"; unit = "%"; },
	{ point = "cooling.1.damper.{i}.position"; oid = "{i}.0"; repeat = [ 12, 13 ]; first = 1;  group = "measure"; unit = "%"; },
	{ point = "cooling.1.fan.{i}.status"; oid = "{i}.0"; repeat = [ 18, 19 ]; first = 1; values = "fan";  group = "status"; },
	{ point = "cooling.1.damper.{i}.status"; oid = "{i}.0"; repeat = [ 20, 21 ]; first = 1; values = "damper";  group = "status"; },
	{ point = "cooling.1.status"; oid = "25.0"; values = "state";  group = "status"; },
	{ point = "cooling.1.mode"; oid = "27.0"; values = "mode";  group = "status"; },
	{ point = "cooling.1.voltage"; oid = "33.0";  group = "measure"; unit = "V"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "cooling.*.temperature" ]; values = [ -41 ]; why = "no sensor"; }
);
