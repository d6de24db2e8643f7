# SPDX-License-Identifier: Apache-2.0
# Tycon TPDIN-Monitor-WEB: four voltages, four currents, a temperature and four relays.
name = "tpdin";
title = "Tycon TPDIN-Monitor-WEB";
transport = "snmp";
source = "LibreNMS definition tpdin3 (TPDIN3-MIB); a recorded walk of a WEB3 V2, 2.2.5";
base = "system";
root = ".1.3.6.1.4.1.45621.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.45621.3"; }
);

points = (
	{ point = "feed.1.voltage"; oid = "3.15.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "feed.2.voltage"; oid = "3.16.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "feed.3.voltage"; oid = "3.17.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "feed.4.voltage"; oid = "3.18.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "feed.1.current"; oid = "3.19.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "feed.2.current"; oid = "3.20.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "feed.3.current"; oid = "3.21.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "feed.4.current"; oid = "3.22.0"; group = "measure"; unit = "A"; scale = 0.1; },
	# -40 °C, the least it can say, is also what it writes without a sensor; a real frost is seen before it is so deep.
	{ point = "ambient.temperature"; oid = "3.23.0"; group = "measure"; unit = "°C"; scale = 0.1; },

	{ point = "device.model"; oid = "1.1.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.2.0"; group = "ident"; }
);
# not read as -40 °C: 3.23 of the recording - no sensor is connected (value unknown)

quirks = (
	{ kind = "unset-until-seen"; points = [ "ambient.temperature" ]; values = [ -400 ]; why = "-40.0 °C is written without a sensor"; }
);
