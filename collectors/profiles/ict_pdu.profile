# SPDX-License-Identifier: Apache-2.0
# ICT DC distribution panels: a bus and fused outputs, numbered from 0. The numbers are texts.
name = "ict_pdu";
title = "ICT DC distribution panel";
transport = "snmp";
source = "LibreNMS ict-pdu sensors (ICT-DISTRIBUTION-PANEL-MIB)";
base = "system";
root = ".1.3.6.1.4.1.39145.10";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.39145.10"; }
);

values = (
	{ name = "fuse"; map = (
		{ value = 1; text = "ok"; },
		{ value = 2; text = "open"; code = "fuse.failed"; } ); }
);

tables = (
	{ name = "output"; from = 0; max_rows = 32; }
);

points = (
	{ point = "output.voltage"; oid = "6.0"; group = "measure"; unit = "V"; number_in_text = true; },
	{ point = "output.current"; oid = "7.0"; group = "measure"; unit = "A"; number_in_text = true; },
	{ point = "breaker.{i}.current"; column = "8.1.3"; table = "output"; group = "measure"; unit = "A"; number_in_text = true; },
	{ point = "breaker.{i}.status"; column = "8.1.4"; table = "output"; group = "measure"; values = "fuse"; },
	{ point = "breaker.{i}.name"; column = "8.1.2"; table = "output"; group = "ident"; },
	{ point = "device.model"; oid = "1.0"; group = "ident"; },
	{ point = "ups.id"; oid = "2.0"; group = "ident"; },
	{ point = "ups.firmware"; oid = "4.0"; group = "ident"; }
);

quirks = (
	{ kind = "no-bulk"; why = "the panels answer GETBULK badly"; }
);
