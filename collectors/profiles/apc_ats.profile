# SPDX-License-Identifier: Apache-2.0
# APC transfer switches: rack ATS (AP44xx, AP77xx) and the larger xATS with its generator.
name = "apc_ats";
title = "APC automatic transfer switch";
transport = "snmp";
source = "PowerNet-MIB (automaticXferSwitch, xATS); LibreNMS os_discovery apc";
base = "system";
also = [ "apc_env" ];
priority = 8;
root = ".1.3.6.1.4.1.318.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.11"; },
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.32"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "8.5.1.2.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "17.3.1.1.0"; }
);

values = (
	{ name = "selected"; map = (
		{ value = 1; text = "source A"; },
		{ value = 2; text = "source B"; } ); },
	{ name = "redundancy"; map = (
		{ value = 1; text = "fault"; code = "input.bad"; },
		{ value = 2; text = "good"; } ); },
	{ name = "health"; map = (
		{ value = 1; text = "fault"; code = "ups.fault"; },
		{ value = 2; text = "good"; } ); },
	{ name = "source_a"; map = (
		{ value = 1; text = "fault"; },
		{ value = 2; text = "good"; } ); },
	{ name = "sync"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "fault"; } ); },
	{ name = "over_current"; map = (
		{ value = 1; text = "fault"; code = "output.overload"; },
		{ value = 2; text = "good"; } ); },
	{ name = "xats_source"; map = (
		{ value = 1; text = "none"; code = "output.off"; },
		{ value = 2; text = "source 1"; },
		{ value = 3; text = "source 2"; },
		{ value = 4; text = "fault"; code = "ups.fault"; },
		{ value = 5; text = "unknown"; } ); },
	{ name = "xats_mode"; map = (
		{ value = 1; text = "automatic"; },
		{ value = 2; text = "not automatic, abnormal"; code = "ups.major"; },
		{ value = 3; text = "not automatic"; code = "ups.minor"; },
		{ value = 4; text = "unknown"; } ); },
	{ name = "start_signal"; map = (
		{ value = 1; text = "run"; code = "generator.running"; },
		{ value = 2; text = "stop"; },
		{ value = 3; text = "unknown"; } ); },
	{ name = "position"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; },
		{ value = 3; text = "tripped"; code = "input.fuse"; },
		{ value = 4; text = "unknown"; } ); },
	{ name = "quality"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "low"; },
		{ value = 3; text = "high"; },
		{ value = 4; text = "phases unequal"; },
		{ value = 5; text = "frequency out of range"; },
		{ value = 6; text = "rotates the wrong way"; },
		{ value = 7; text = "unknown"; } ); },
	{ name = "test"; map = (
		{ value = 1; text = "none"; },
		{ value = 2; text = "pending"; },
		{ value = 3; text = "generator starts"; code = "test.running"; },
		{ value = 4; text = "generator warms up"; code = "test.running"; },
		{ value = 5; text = "waiting to transfer to source 2"; code = "test.running"; },
		{ value = 6; text = "testing with load"; code = "test.running"; },
		{ value = 7; text = "waiting to transfer to source 1"; code = "test.running"; },
		{ value = 8; text = "testing without load"; code = "test.running"; },
		{ value = 9; text = "generator stops"; code = "test.running"; },
		{ value = 10; text = "held on the generator"; code = "test.running"; } ); },
	{ name = "test_result"; map = (
		{ value = 1; text = "none"; },
		{ value = 2; text = "passed"; },
		{ value = 3; text = "passed with load"; },
		{ value = 4; text = "no start signal"; code = "test.failed"; },
		{ value = 5; text = "generator was not automatic"; code = "test.failed"; },
		{ value = 6; text = "generator stopped by emergency"; code = "test.failed"; },
		{ value = 7; text = "generator shut down"; code = "test.failed"; },
		{ value = 8; text = "generator did not start"; code = "test.failed"; },
		{ value = 9; text = "source 2 never was good"; code = "test.failed"; },
		{ value = 10; text = "generator failed while warming up"; code = "test.failed"; },
		{ value = 11; text = "transfer to source 1 failed"; code = "test.failed"; },
		{ value = 12; text = "generator failed under load"; code = "test.failed"; },
		{ value = 13; text = "transfer to source 2 failed"; code = "test.failed"; },
		{ value = 14; text = "cooling down failed"; code = "test.failed"; },
		{ value = 15; text = "generator did not stop"; code = "test.failed"; },
		{ value = 16; text = "fault in the switch"; code = "test.failed"; },
		{ value = 17; text = "switch was not automatic"; code = "test.failed"; },
		{ value = 18; text = "aborted by hand"; },
		{ value = 19; text = "aborted by schedule"; } ); },
	{ name = "generator"; map = (
		{ value = 1; text = "no contact"; code = "generator.failed"; },
		{ value = 2; text = "off"; code = "generator.failed"; },
		{ value = 3; text = "ready"; },
		{ value = 4; text = "starting"; },
		{ value = 5; text = "idle"; },
		{ value = 6; text = "running"; },
		{ value = 7; text = "stopping"; },
		{ value = 8; text = "stopped by emergency"; code = "generator.failed"; },
		{ value = 9; text = "not automatic"; code = "generator.failed"; },
		{ value = 10; text = "shut down"; code = "generator.failed"; },
		{ value = 11; text = "unknown"; } ); },
	{ name = "generator_mode"; map = (
		{ value = 1; text = "off"; },
		{ value = 2; text = "manual"; },
		{ value = 3; text = "automatic"; },
		{ value = 4; text = "unknown"; } ); },
	{ name = "level"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "low"; code = "generator.maintenance"; },
		{ value = 3; text = "unknown"; } ); }
);

tables = (
	{ name = "ats_input"; max_rows = 2; },
	{ name = "ats_input_phase"; index = 3; number = 1; where = [ 3, 1 ]; max_rows = 2; },
	{ name = "ats_a_phase"; index = 3; number = 3; where = [ 1, 1 ]; min_rows = 2; },
	{ name = "ats_b_phase"; index = 3; number = 3; where = [ 1, 2 ]; min_rows = 2; },
	{ name = "ats_output"; },
	{ name = "ats_output_phase"; index = 3; number = 3; where = [ 1, 1 ]; },
	{ name = "xats_1"; },
	{ name = "xats_2"; },
	{ name = "xats_output"; }
);

points = (
	# rack ATS
	{ point = "input.source"; oid = "8.5.1.2.0"; group = "status"; values = "selected"; },
	{ point = "switch.redundancy"; oid = "8.5.1.3.0"; group = "status"; values = "redundancy"; },
	{ point = "output.status"; oid = "8.5.1.4.0"; group = "status"; values = "over_current"; },
	{ point = "switch.status"; oid = "8.5.1.10.0"; group = "status"; values = "health"; },
	{ point = "input.1.status"; oid = "8.5.1.12.0"; group = "status"; values = "source_a"; },
	{ point = "input.2.status"; oid = "8.5.1.13.0"; group = "status"; values = "source_a"; },
	{ point = "switch.sync"; oid = "8.5.1.14.0"; group = "status"; values = "sync"; },
	{ point = "input.{i}.name"; column = "8.5.3.2.1.6"; table = "ats_input"; group = "ident"; },
	{ point = "input.{i}.frequency"; column = "8.5.3.2.1.4"; table = "ats_input"; group = "measure"; unit = "Hz"; },
	{ point = "input.1.voltage"; lines = "input.1.{ll}.voltage"; column = "8.5.3.3.1.3"; table = "ats_a_phase"; group = "measure"; unit = "V"; },
	{ point = "input.2.voltage"; lines = "input.2.{ll}.voltage"; column = "8.5.3.3.1.3"; table = "ats_b_phase"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.voltage"; column = "8.5.3.3.1.3"; table = "ats_input_phase"; group = "measure"; unit = "V"; },
	{ point = "input.{i}.current"; column = "8.5.3.3.1.6"; table = "ats_input_phase"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.{i}.realpower"; column = "8.5.3.3.1.9"; table = "ats_input_phase"; group = "measure"; unit = "W"; },
	{ point = "output.frequency"; column = "8.5.4.2.1.4"; table = "ats_output"; group = "measure"; unit = "Hz"; },
	{ point = "output.voltage"; lines = "output.{ll}.voltage"; column = "8.5.4.3.1.3"; table = "ats_output_phase"; group = "measure"; unit = "V"; },
	{ point = "output.current"; lines = "output.L{i}.current"; column = "8.5.4.3.1.4"; table = "ats_output_phase"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.power"; lines = "output.L{i}.power"; column = "8.5.4.3.1.7"; table = "ats_output_phase"; group = "measure"; unit = "VA"; },
	{ point = "output.power.percent"; lines = "output.L{i}.power.percent"; column = "8.5.4.3.1.10"; table = "ats_output_phase"; group = "measure"; unit = "%"; },
	{ point = "output.realpower"; lines = "output.L{i}.realpower"; column = "8.5.4.3.1.13"; table = "ats_output_phase"; group = "measure"; unit = "W"; },

	# xATS; it also answers the older objects above, with nothing behind them
	{ point = "input.source"; oid = "17.3.1.1.0"; group = "status"; values = "xats_source"; instead = true; },
	{ point = "output.source"; oid = "17.3.1.1.0"; group = "status"; values = "xats_source"; },
	{ point = "switch.mode"; oid = "17.3.1.2.0"; group = "status"; values = "xats_mode"; },
	{ point = "generator.start"; oid = "17.3.1.4.0"; group = "status"; values = "start_signal"; },
	{ point = "input.1.switch"; oid = "17.4.1.2.0"; group = "measure"; values = "position"; },
	{ point = "input.2.switch"; oid = "17.4.2.2.0"; group = "measure"; values = "position"; },
	{ point = "input.1.status"; oid = "17.4.1.4.0"; group = "status"; values = "quality"; instead = true; },
	{ point = "input.2.status"; oid = "17.4.2.4.0"; group = "status"; values = "quality"; instead = true; },
	{ point = "input.1.quality"; oid = "17.4.1.4.0"; group = "measure"; values = "quality"; },
	{ point = "input.2.quality"; oid = "17.4.2.4.0"; group = "measure"; values = "quality"; },
	{ point = "input.1.{ll}.voltage"; column = "17.4.1.7.1.2"; table = "xats_1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.1.L{i}-N.voltage"; column = "17.4.1.7.1.3"; table = "xats_1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.2.{ll}.voltage"; column = "17.4.2.7.1.2"; table = "xats_2"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.2.L{i}-N.voltage"; column = "17.4.2.7.1.3"; table = "xats_2"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.{ll}.voltage"; column = "17.4.3.12.1.2"; table = "xats_output"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L{i}-N.voltage"; column = "17.4.3.12.1.3"; table = "xats_output"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "switch.test"; oid = "17.5.1.2.0"; group = "measure"; values = "test"; },
	{ point = "switch.test.result"; oid = "17.5.2.2.0"; group = "measure"; values = "test_result"; },
	{ point = "generator.status"; oid = "18.1.2.2.0"; group = "measure"; values = "generator"; },
	{ point = "generator.mode"; oid = "18.1.2.3.0"; group = "measure"; values = "generator_mode"; },
	{ point = "generator.battery.voltage"; oid = "18.1.3.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "generator.oil"; oid = "18.1.3.5.0"; group = "measure"; values = "level"; },
	{ point = "generator.coolant"; oid = "18.1.3.6.0"; group = "measure"; values = "level"; },

	{ point = "device.model"; oid = "8.1.5.0"; group = "ident"; },
	{ point = "device.serial"; oid = "8.1.6.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "8.1.2.0"; group = "ident"; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ -1 ]; why = "-1 is APC's word for not supported"; }
);
