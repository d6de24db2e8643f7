# SPDX-License-Identifier: Apache-2.0
# Carel pCOWeb cards in air conditioners with the ug40cdz application. 4 is the chilled, 5 the hot, 7 the returning chilled water.
# Not read: superheats and control bands (14, 15, 21, 25), which are differences of temperature, and second set points (22, 24).
name = "carel_pcoweb";
title = "Carel pCOWeb";
transport = "snmp";
source = "CAREL-ug40cdz-MIB by LibreNMS pcoweb; no recording";
base = "system";
root = ".1.3.6.1.4.1.9839.2.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.9839"; probe = "2.1.0"; }
);

points = (
	{ point = "cooling.1.temperature"; oid = "2.1.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.outdoor.temperature"; oid = "2.2.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.supply.temperature"; oid = "2.3.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.water.1.in.temperature"; oid = "2.4.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.water.2.in.temperature"; oid = "2.5.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.water.1.out.temperature"; oid = "2.7.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.circuit.1.suction.temperature"; oid = "2.10.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.circuit.2.suction.temperature"; oid = "2.11.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.circuit.1.evaporator.temperature"; oid = "2.12.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.circuit.2.evaporator.temperature"; oid = "2.13.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.temperature.setpoint"; oid = "2.20.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.1.heating.temperature.setpoint"; oid = "2.23.0"; scale = 0.1;  group = "measure"; unit = "°C"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "cooling.*" ]; values = [ 0 ]; why = "what is not fitted reads 0"; }
);
