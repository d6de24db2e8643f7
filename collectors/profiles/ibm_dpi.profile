# SPDX-License-Identifier: Apache-2.0
# IBM DPI distribution units: recognised, and seen to live. Their private tree is not known well enough to be read.
name = "ibm_dpi";
title = "IBM DPI distribution unit";
transport = "snmp";
source = "LibreNMS definition dpi; a recorded walk of V01.08.0003, which holds its identity only";
base = "system";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2.6.223"; }
);

points = (
	{ point = "ups.firmware"; oid = ".1.3.6.1.2.1.1.1.0"; group = "ident"; }
);
