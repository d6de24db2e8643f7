# SPDX-License-Identifier: Apache-2.0
# Eaton ATS: transfer switches of one phase. The card gives MGE's sysObjectID.
name = "eaton_ats";
title = "Eaton automatic transfer switch";
transport = "snmp";
source = "EATON-ATS2-MIB";
base = "system";
also = [ "eaton_emp" ];
priority = 20;
root = ".1.3.6.1.4.1.534.10.2";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.705.1"; sysdescr = "^Eaton ATS"; },
	{ sysobjectid = ".1.3.6.1.4.1.534.10.2"; },
	{ sysobjectid = ".1.3.6.1.4.1.705.1"; probe = "2.4.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.534"; probe = "2.4.0"; }
);

values = (
	{ name = "mode"; map = (
		{ value = 1; text = "starting"; },
		{ value = 2; text = "diagnosing itself"; },
		{ value = 3; text = "none"; code = "output.off"; },
		{ value = 4; text = "source 1"; },
		{ value = 5; text = "source 2"; },
		{ value = 6; text = "safe"; code = "ups.minor"; },
		{ value = 7; text = "fault"; code = "ups.fault"; } ); },
	{ name = "range"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "fault"; } ); },
	{ name = "source"; map = (
		{ value = 1; text = "voltage or frequency out of range"; code = "input.bad"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "voltage derated"; },
		{ value = 4; text = "waveform bad"; code = "input.bad"; } ); },
	{ name = "relay"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; } ); },
	{ name = "fault"; map = (
		{ value = 1; text = "good"; },
		{ value = 2; text = "fault"; code = "ups.fault"; } ); },
	{ name = "powered"; map = (
		{ value = 1; text = "off"; },
		{ value = 2; text = "on"; } ); },
	{ name = "test"; map = (
		{ value = 1; text = "passed"; },
		{ value = 2; text = "warning"; },
		{ value = 3; text = "failed"; code = "test.failed"; },
		{ value = 4; text = "aborted"; },
		{ value = 5; text = "running"; },
		{ value = 6; text = "none"; } ); },
	{ name = "ats_contact"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; },
		{ value = 3; text = "open, noticed"; },
		{ value = 4; text = "closed, noticed"; } ); }
);

tables = (
	{ name = "sources"; max_rows = 2; },
	{ name = "ats_contacts"; max_rows = 16; },
	{ name = "ats_env"; max_rows = 1; }
);

points = (
	{ point = "input.source"; oid = "2.4.0"; group = "status"; values = "mode"; },
	{ point = "switch.sync"; oid = "3.1.1.0"; group = "status"; values = "range"; },
	{ point = "switch.status"; oid = "3.3.1.0"; group = "status"; values = "fault"; },
	{ point = "output.status"; oid = "3.3.2.0"; group = "status"; values = "powered"; },
	{ point = "alarm.output.overload"; oid = "3.3.3.0"; group = "status"; true_when = [ 2, 3 ]; },
	{ point = "alarm.ups.temperature"; oid = "3.3.4.0"; group = "status"; true_when = [ 2 ]; },
	{ point = "alarm.output.short"; oid = "3.3.5.0"; group = "status"; true_when = [ 2 ]; },
	{ point = "alarm.comm.lost"; oid = "3.3.6.0"; group = "status"; true_when = [ 2 ]; status = "COMMLOST"; },
	{ point = "input.{i}.status"; column = "3.2.1.3"; table = "sources"; group = "status"; values = "source"; },
	{ point = "input.{i}.switch"; column = "3.2.1.6"; table = "sources"; group = "measure"; values = "relay"; },
	{ point = "input.{i}.voltage"; column = "2.2.1.2"; table = "sources"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.{i}.frequency"; column = "2.2.1.3"; table = "sources"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "output.voltage"; oid = "2.3.1.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.current"; oid = "2.3.2.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "switch.test.result"; oid = "4.8.0"; group = "measure"; values = "test"; },
	{ point = "ambient.{i}.temperature"; column = "5.1"; table = "ats_env"; group = "measure"; unit = "°C"; },
	{ point = "ambient.{i}.humidity"; column = "5.2"; table = "ats_env"; group = "measure"; unit = "%"; },
	{ point = "ambient.1.contacts.{i}.status"; column = "5.4.1.3"; table = "ats_contacts"; group = "measure"; values = "ats_contact"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "5.4.1.4"; table = "ats_contacts"; group = "ident"; },
	{ point = "input.voltage.nominal"; oid = "4.2.0"; group = "ident"; unit = "V"; },
	{ point = "input.frequency.nominal"; oid = "4.3.0"; group = "ident"; unit = "Hz"; },
	{ point = "device.mfr"; oid = "1.1.0"; group = "ident"; },
	{ point = "device.model"; oid = "1.2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "1.3.0"; group = "ident"; },
	{ point = "device.serial"; oid = "1.5.0"; group = "ident"; },
	{ point = "device.part"; oid = "1.6.0"; group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.7.0"; group = "ident"; }
);
