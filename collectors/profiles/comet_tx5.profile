# SPDX-License-Identifier: Apache-2.0
# Comet Tx5xx and Tx6xx transmitters: temperature, humidity and one more value. Not read: the computed value (3.3) and the pressure or CO2 (3.4),
# whose meaning hangs on the model.
name = "comet_tx5";
title = "Comet Tx5xx and Tx6xx";
transport = "snmp";
source = "T3610-MIB by LibreNMS; the maker's OID lists; no recording";
base = "system";
root = ".1.3.6.1.4.1.22626.1.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.22626.1.2"; },
	{ sysobjectid = ".1.3.6.1.4.1.22626"; probe = "3.1.0"; }
);

points = (
	{ point = "ambient.temperature"; oid = "3.1.0"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.humidity"; oid = "3.2.0"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "device.name"; oid = "2.1.0";  group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "ambient.*" ]; values = [ 9999, -9999 ]; why = "no sensor, or an error of one"; }
);
