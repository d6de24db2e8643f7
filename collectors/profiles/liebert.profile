# SPDX-License-Identifier: Apache-2.0
# Liebert / Vertiv UPS, power and cooling with IntelliSlot, Unity or OpenComms cards. The UPS MIB goes first where the card fills it;
# then the table of labelled values (liebert_flexible), then the tables of older devices (liebert_classic), one of which a device has.
name = "liebert";
title = "Liebert / Vertiv (IntelliSlot, Unity, OpenComms)";
transport = "snmp";
source = "LIEBERT-GP MIBs; LibreNMS liebert sensors; recorded walks of an APM, an FPC and an MPH2";
base = "rfc1628";
also = [ "liebert_flexible", "liebert_classic" ];
priority = 10;
root = ".1.3.6.1.4.1.476.1.42";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.476.1.42"; }
);

# One row per sensor of the device; the kind is an OID.
tables = (
	{ name = "temperature"; max_rows = 32; label = "3.4.1.3.3.1.2"; },
	{ name = "humidity"; max_rows = 16; first = 33; },
	{ name = "remote"; max_rows = 16; first = 65; }
);

points = (
	{ point = "battery.temperature"; column = "3.4.1.3.3.1.3"; table = "temperature"; label = "\\.3\\.4\\.7\\.1\\.10\\."; group = "measure"; unit = "°C"; },
	# every other kind: return, supply, control, inlet air and so on
	{ point = "ambient.{i}.temperature"; column = "3.4.1.3.3.1.3"; table = "temperature"; label = "\\.3\\.4\\.1\\.[0-9]"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "3.4.2.2.3.1.3"; table = "humidity"; group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.temperature"; column = "3.4.9.10.1.6"; table = "remote"; group = "measure"; unit = "°C"; instead = true; },

	{ point = "ups.firmware.aux"; oid = "2.1.3.0"; group = "ident"; },
	{ point = "device.mfr"; oid = "2.1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "2.4.2.1.4.1"; group = "ident"; },
	{ point = "ups.firmware"; oid = "2.4.2.1.5.1"; group = "ident"; },
	{ point = "device.serial"; oid = "2.4.2.1.7.1"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ 2147483647L, 4294967295L, -2147483648L, -2147483647L, 65535L ]; why = "the least and greatest numbers stand for what is not known"; },
	{ kind = "no-bulk"; why = "the cards answer GETBULK badly"; }
);
