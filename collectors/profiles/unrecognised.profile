# SPDX-License-Identifier: Apache-2.0
# What answers but fits no other profile: the system group, and the standing flag that nothing else of it is known, so that it never
# looks normal. Chosen by its name when detection ends without any other; it is looked through again each minute.
name = "unrecognised";
title = "Not recognised: system group only";
transport = "snmp";
source = "RFC 3418";
base = "system";
root = ".1.3.6.1.2.1.1";

values = ( { name = "whatever"; map = ( { match = "^"; text = "unrecognised"; code = "device.unrecognised"; } ); } );

points = (
	{ point = "device.status"; oid = "1.0"; group = "status"; values = "whatever"; }
);
