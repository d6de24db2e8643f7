# SPDX-License-Identifier: Apache-2.0
# Controlbox TH-332B: temperature and humidity, written as text.
name = "controlbox";
title = "Controlbox TH-332B";
transport = "snmp";
source = "LibreNMS definition controlbox; a recorded walk of a TH-332B";
base = "system";
root = ".1.3.6.1.4.1.17095.2.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.17095.2"; }
);

values = (
	{ name = "alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; } ); }
);

points = (
	{ point = "ambient.temperature.status"; oid = "6.0"; group = "status"; values = "alarm"; },
	{ point = "ambient.temperature"; oid = "3.0"; group = "measure"; unit = "°C"; number_in_text = true; },
	{ point = "ambient.humidity"; oid = "4.0"; group = "measure"; unit = "%"; number_in_text = true; },
	# not read as a pressure: 5.0 - it is the dew point in °C, which LibreNMS files under pressure
	{ point = "ambient.dewpoint"; oid = "5.0"; group = "measure"; unit = "°C"; number_in_text = true; }
);
