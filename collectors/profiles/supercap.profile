# SPDX-License-Identifier: Apache-2.0
# Supercapacitor banks: up to 16 battery management units, 13 objects each.
name = "supercap";
title = "Supercapacitor bank";
transport = "snmp";
source = "SUPERCAPBATTERY-MIB as LibreNMS supercap sensors list it";
base = "system";
priority = 0;
root = ".1.3.6.1.2.1.555.1.1.1";

detect = (
	{ probe = ".1.3.6.1.2.1.555.1.1.1.2"; },
	{ probe = ".1.3.6.1.2.1.555.1.1.1.2.0"; }
);

points = (
	{ point = "battery.1.temperature"; oid = "2.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.1.temperature"; oid = "3.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.1.capacity"; oid = "7.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.2.temperature"; oid = "15.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.2.temperature"; oid = "16.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.2.capacity"; oid = "20.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.3.temperature"; oid = "28.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.3.temperature"; oid = "29.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.3.capacity"; oid = "33.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.4.temperature"; oid = "41.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.4.temperature"; oid = "42.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.4.capacity"; oid = "46.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.5.temperature"; oid = "54.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.5.temperature"; oid = "55.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.5.capacity"; oid = "59.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.6.temperature"; oid = "67.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.6.temperature"; oid = "68.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.6.capacity"; oid = "72.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.7.temperature"; oid = "80.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.7.temperature"; oid = "81.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.7.capacity"; oid = "85.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.8.temperature"; oid = "93.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.8.temperature"; oid = "94.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.8.capacity"; oid = "98.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.9.temperature"; oid = "106.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.9.temperature"; oid = "107.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.9.capacity"; oid = "111.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.10.temperature"; oid = "119.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.10.temperature"; oid = "120.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.10.capacity"; oid = "124.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.11.temperature"; oid = "132.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.11.temperature"; oid = "133.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.11.capacity"; oid = "137.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.12.temperature"; oid = "145.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.12.temperature"; oid = "146.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.12.capacity"; oid = "150.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.13.temperature"; oid = "158.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.13.temperature"; oid = "159.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.13.capacity"; oid = "163.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.14.temperature"; oid = "171.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.14.temperature"; oid = "172.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.14.capacity"; oid = "176.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.15.temperature"; oid = "184.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.15.temperature"; oid = "185.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.15.capacity"; oid = "189.0"; group = "ident"; unit = "Ah"; scale = 0.01; },
	{ point = "battery.16.temperature"; oid = "197.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "module.16.temperature"; oid = "198.0"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "battery.16.capacity"; oid = "202.0"; group = "ident"; unit = "Ah"; scale = 0.01; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "battery.*", "module.*" ]; values = [ 0 ]; why = "units that are not fitted read 0"; }
);
# not read: voltages, currents and cells - their objects are not in the source at hand
