# SPDX-License-Identifier: Apache-2.0
# Jacarta interSeptor
name = "interseptor";
title = "Jacarta interSeptor";
transport = "snmp";
source = "InterSeptor-MIB by LibreNMS; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.19011.1.3.1.1.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.19011"; }
);

tables = (
	{ name = "sensor"; max_rows = 64; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "2.1.3"; table = "sensor"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "2.1.5"; table = "sensor"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "ambient.{i}.name"; column = "2.1.2"; table = "sensor";  group = "ident"; }
);
