# SPDX-License-Identifier: Apache-2.0
# HW group WLD, WLD2: water leak detection. Their sysObjectID may be that of STE2; the tree tells.
name = "hwg_wld";
title = "HW group WLD water leak detectors";
transport = "snmp";
source = "LibreNMS hwg-wld sensors; a recorded walk of a WLD2";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.21796.4.5";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.21796.4.5"; },
	{ sysobjectid = ".1.3.6.1.4.1.21796.4.9"; sysdescr = "WLD"; },
	{ sysobjectid = ".1.3.6.1.4.1.21796"; sysdescr = "WLD"; probe = "4.1.3.1"; }
);

values = (
	{ name = "state"; map = (
		{ value = 0; text = "lost"; },
		{ value = 1; text = "good"; },
		{ value = 2; text = "lost"; },
		{ value = 3; text = "alarm"; } ); },
	{ name = "water"; map = (
		{ value = 0; text = "normal"; },
		{ value = 1; text = "flooded"; },
		{ value = 2; text = "disconnected"; },
		{ value = 3; text = "invalid"; } ); }
);

tables = (
	{ name = "cable"; max_rows = 64; },
	{ name = "connected"; max_rows = 64; only = ( { column = "4.1.6"; is_not = [ 2 ]; } ); }
);

points = (
	{ point = "ambient.{i}.status"; column = "4.1.3"; table = "connected"; values = "state";  group = "status"; },
	# 2 means disconnected: whether it is wet is not known then, which a flag cannot say
	{ point = "ambient.{i}.water"; column = "4.1.6"; table = "cable"; values = "water";  group = "status"; },
	{ point = "ambient.{i}.name"; column = "4.1.2"; table = "cable";  group = "ident"; }
);
