# SPDX-License-Identifier: Apache-2.0
# SNR-ERD-4: sensors on the RS bus have their serial number as index and are counted through. Air pressure in mm of mercury:
# LibreNMS takes the 748 of the recorded walk (1.30.1.1.6) for kPa.
name = "snr_erd";
title = "SNR-ERD-4";
transport = "snmp";
source = "LibreNMS snr-erd sensors; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.40418.2.6";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.40418.2.6"; }
);

values = (
	{ name = "input"; map = (
		{ value = 0; text = "closed"; },
		{ value = 1; text = "open"; },
		{ value = 2; text = "off"; } ); },
	{ name = "output"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; },
		{ value = 2; text = "restarting"; } ); }
);

tables = (
	{ name = "sensor"; max_rows = 32; },
	{ name = "input"; numbers = [ 1, 16 ]; max_rows = 16; },
	{ name = "output"; numbers = [ 1, 16 ]; max_rows = 16; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "1.30.1.1.3"; table = "sensor";  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "1.30.1.1.4"; table = "sensor";  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.pressure"; column = "1.30.1.1.6"; table = "sensor"; scale = 133.322;  group = "measure"; unit = "Pa"; },
	{ point = "ambient.{i}.name"; column = "1.30.1.1.2"; table = "sensor";  group = "ident"; },
	{ point = "ambient.contacts.{i}.status"; column = "2.1.1.3"; table = "input"; values = "input";  group = "status"; },
	{ point = "ambient.contacts.{i}.name"; column = "2.1.1.2"; table = "input";  group = "ident"; },
	{ point = "relay.{i}.status"; column = "2.2.1.3"; table = "output"; values = "output";  group = "status"; },
	{ point = "relay.{i}.name"; column = "2.2.1.2"; table = "output";  group = "ident"; }
);
