# SPDX-License-Identifier: Apache-2.0
# GENEREX web managers: RFC 1628 as it is written, and the battery modules of a BACS in a branch of their own inside the same MIB.
name = "generex";
title = "GENEREX CS121, CS141, BACS and SITEMONITOR";
transport = "snmp";
source = "RFC 1628; recorded walks of CS121 and CS141; for BACS the objects two monitoring plug-ins read (Check_MK bacs_battery, Generex BACS2)";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.2.1.33.5.2";

detect = (
	# The MIB itself as sysObjectID: nobody else does that but GE (33.2, see ge_ups).
	{ sysobjectid = ".1.3.6.1.2.1.33"; },
	{ sysdescr = "^(CS1[24]1|The Cs141|BACS)"; probe = ".1.3.6.1.2.1.33.1.1.2.0"; }
);

tables = (
	{ name = "strings"; cell = "s{1}"; max_rows = 64; },
	# Modules are numbered through all strings; no column tells the string. Numbers from 0 on with some firmware.
	{ name = "blocks"; cell = "s{1}.b{2}"; split_like = "strings"; max_rows = 500; }
);

points = (
	{ point = "battery.string.current"; column = "7.1.2"; table = "strings"; group = "measure"; unit = "A"; scale = 0.01; },
	{ point = "battery.string.voltage"; column = "7.1.3"; table = "strings"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.block.voltage.average"; column = "7.1.4"; table = "strings"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "battery.block.voltage"; column = "5.1.2"; table = "blocks"; group = "cells"; unit = "V"; scale = 0.01; },
	{ point = "battery.block.temperature"; column = "5.1.3"; table = "blocks"; group = "cells"; unit = "°C"; scale = 0.1; },
	{ point = "battery.block.resistance"; column = "5.1.5"; table = "blocks"; group = "cells"; unit = "Ω"; scale = 0.00001; }	# 0.01 mΩ
	# not read: 5.1.4 and 5.1.6 (state) - what their numbers mean is not published
);

quirks = (
	{ kind = "sentinel"; points = [ "battery.block.*", "battery.string.*" ]; values = [ 65535L, 2147483647L, 4294967295L, 2686924L ];
	  why = "all ones for what a module has not measured yet; 2686924 is GENEREX software's uninitialised number"; },
	{ kind = "unset-until-seen"; points = [ "battery.block.resistance" ]; values = [ 0 ];
	  why = "a module without a finished resistance measurement has none, not zero"; }
);
