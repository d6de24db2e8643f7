# SPDX-License-Identifier: Apache-2.0
# Papouch TH2E: temperature, humidity, dew point
name = "papouch_th2e";
title = "Papouch TH2E";
transport = "snmp";
source = "the maker's TH2E MIB; LibreNMS papouch-th2e";
base = "system";
root = ".1.3.6.1.4.1.18248.20.1.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.18248.20"; },
	{ sysobjectid = ".0.9.43.6.1.4.1"; sysdescr = "TH2E"; },
	{ sysdescr = "TH2E"; probe = "1.1.2.1"; }
);

values = (
	{ name = "state"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "overflow"; },
		{ value = 2; text = "underflow"; },
		{ value = 3; text = "fault"; },
		{ value = 4; text = "alarm high"; },
		{ value = 5; text = "alarm low"; } ); }
);

tables = (
	{ name = "value"; max_rows = 3; }
);

points = (
	{ point = "ambient.temperature"; oid = "1.1.2.1"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.humidity"; oid = "1.1.2.2"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "ambient.dewpoint"; oid = "1.1.2.3"; scale = 0.1;  group = "measure"; unit = "°C"; }
);
