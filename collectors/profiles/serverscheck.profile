# SPDX-License-Identifier: Apache-2.0
# ServersCheck gateways: eight places for sensors; what one measures is told by nothing but its name.
name = "serverscheck";
title = "ServersCheck sensor gateways";
transport = "snmp";
source = "LibreNMS serverscheck sensors; a recorded walk of an SC-TS01";
base = "system";
root = ".1.3.6.1.4.1.17095";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.17095"; }
);

points = (
	{ point = "ambient.1.temperature"; oid = "3.2.0"; only = ( { column = "3.1"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.1.humidity"; oid = "3.2.0"; only = ( { column = "3.1"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.1.name"; oid = "3.1.0";  group = "ident"; },
	{ point = "ambient.1.status"; oid = "3.3.0";  group = "status"; },
	{ point = "ambient.2.temperature"; oid = "3.6.0"; only = ( { column = "3.5"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.2.humidity"; oid = "3.6.0"; only = ( { column = "3.5"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.2.name"; oid = "3.5.0";  group = "ident"; },
	{ point = "ambient.2.status"; oid = "3.7.0";  group = "status"; },
	{ point = "ambient.3.temperature"; oid = "3.10.0"; only = ( { column = "3.9"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.3.humidity"; oid = "3.10.0"; only = ( { column = "3.9"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.3.name"; oid = "3.9.0";  group = "ident"; },
	{ point = "ambient.3.status"; oid = "3.11.0";  group = "status"; },
	{ point = "ambient.4.temperature"; oid = "3.14.0"; only = ( { column = "3.13"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.4.humidity"; oid = "3.14.0"; only = ( { column = "3.13"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.4.name"; oid = "3.13.0";  group = "ident"; },
	{ point = "ambient.4.status"; oid = "3.15.0";  group = "status"; },
	{ point = "ambient.5.temperature"; oid = "3.18.0"; only = ( { column = "3.17"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.5.humidity"; oid = "3.18.0"; only = ( { column = "3.17"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.5.name"; oid = "3.17.0";  group = "ident"; },
	{ point = "ambient.5.status"; oid = "3.19.0";  group = "status"; },
	{ point = "ambient.6.temperature"; oid = "3.22.0"; only = ( { column = "3.21"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.6.humidity"; oid = "3.22.0"; only = ( { column = "3.21"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.6.name"; oid = "3.21.0";  group = "ident"; },
	{ point = "ambient.6.status"; oid = "3.23.0";  group = "status"; },
	{ point = "ambient.7.temperature"; oid = "3.26.0"; only = ( { column = "3.25"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.7.humidity"; oid = "3.26.0"; only = ( { column = "3.25"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.7.name"; oid = "3.25.0";  group = "ident"; },
	{ point = "ambient.7.status"; oid = "3.27.0";  group = "status"; },
	{ point = "ambient.8.temperature"; oid = "3.30.0"; only = ( { column = "3.29"; match = "[Tt][Ee][Mm][Pp]|BR"; } );  group = "measure"; unit = "°C"; },
	{ point = "ambient.8.humidity"; oid = "3.30.0"; only = ( { column = "3.29"; match = "[Hh][Uu][Mm]"; } );  group = "measure"; unit = "%"; },
	{ point = "ambient.8.name"; oid = "3.29.0";  group = "ident"; },
	{ point = "ambient.8.status"; oid = "3.31.0";  group = "status"; },
	{ point = "device.model"; oid = "1.1.0";  group = "ident"; },
	{ point = "ups.firmware.aux"; oid = "1.2.0";  group = "ident"; }
);
