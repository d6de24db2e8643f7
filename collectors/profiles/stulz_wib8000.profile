# SPDX-License-Identifier: Apache-2.0
# Stulz WIB8000: units of up to 32 on a bus, index bus.unit.module; unit n is cooling.n as long as there is one bus.
# Not read: water flow (1249, 1740), for which there is no point.
name = "stulz_wib8000";
title = "Stulz WIB8000";
transport = "snmp";
source = "Stulz-WIB8000-MIB by LibreNMS; a recorded walk";
base = "system";
root = ".1.3.6.1.4.1.29462.10";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.29462.10"; }
);

values = (
	{ name = "alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "alarm"; } ); },
	{ name = "running"; map = (
		{ value = 0; text = "stopped"; },
		{ value = 1; text = "running"; } ); }
);

tables = (
	{ name = "unit"; max_rows = 64; numbers = [ 1, 32, 1 ]; },
	{ name = "name"; max_rows = 64; numbers = [ 1, 32 ]; }
);

points = (
	{ point = "cooling.{i}.state"; column = "2.1.4.2.1.1.8"; table = "unit"; values = "alarm";  group = "status"; },
	{ point = "cooling.{i}.bus.state"; column = "2.1.4.1.1.1.10"; table = "unit"; values = "alarm";  group = "status"; },
	{ point = "cooling.{i}.status"; column = "2.1.4.1.1.1.1013"; table = "unit"; values = "running";  group = "status"; },
	{ point = "cooling.{i}.temperature"; column = "2.1.1.1.1.1.1.1.1170"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.temperature.setpoint"; column = "2.1.1.1.1.1.1.1.1175"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.return.temperature"; column = "2.1.1.1.1.1.1.1.1192"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.supply.temperature"; column = "2.1.1.1.1.1.1.1.1193"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.outdoor.temperature"; column = "2.1.1.1.1.1.1.1.1196"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.water.1.in.temperature"; column = "2.1.1.1.2.1.1.1191"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.water.2.in.temperature"; column = "2.1.1.1.2.1.1.1202"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.water.1.out.temperature"; column = "2.1.1.1.2.1.1.1206"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.water.2.out.temperature"; column = "2.1.1.1.2.1.1.1207"; table = "unit"; scale = 0.1;  group = "measure"; unit = "°C"; },
	{ point = "cooling.{i}.humidity"; column = "2.1.1.1.1.2.1.1.1171"; table = "unit"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.humidity.setpoint"; column = "2.1.1.1.1.2.1.1.1178"; table = "unit"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.return.humidity"; column = "2.1.1.1.1.2.1.1.1194"; table = "unit"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.supply.humidity"; column = "2.1.1.1.1.2.1.1.1195"; table = "unit"; scale = 0.1;  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.condenser.pressure"; column = "2.1.1.1.3.1.1.2235"; table = "unit"; scale = 10000;  group = "measure"; unit = "Pa"; },
	{ point = "cooling.{i}.filter.1.pressure"; column = "2.1.2.2.4.6.1.1.11009"; table = "unit";  group = "measure"; unit = "Pa"; },
	{ point = "cooling.{i}.filter.2.pressure"; column = "2.1.2.2.4.6.1.1.11109"; table = "unit";  group = "measure"; unit = "Pa"; },
	{ point = "cooling.{i}.filter.3.pressure"; column = "2.1.2.2.4.6.1.1.11209"; table = "unit";  group = "measure"; unit = "Pa"; },
	{ point = "cooling.{i}.fan.1.speed"; column = "2.1.1.2.4.1.1.6932"; table = "unit";  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.valve.1.position"; column = "2.1.1.2.1.2.2.1.1.5214"; table = "unit";  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.valve.2.position"; column = "2.1.1.2.1.2.2.1.1.5224"; table = "unit";  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.valve.3.position"; column = "2.1.1.2.1.2.5.1.5312"; table = "unit";  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.freecooling.position"; column = "2.1.1.2.1.2.5.1.2238"; table = "unit";  group = "measure"; unit = "%"; },
	{ point = "cooling.{i}.compressor.status"; column = "2.1.1.2.1.1.1.1.4403"; table = "unit"; values = "running";  group = "measure"; },
	{ point = "cooling.{i}.dehumidifier.status"; column = "2.1.1.2.3.1.1.6802"; table = "unit"; values = "running";  group = "measure"; },
	{ point = "cooling.{i}.humidifier.status"; column = "2.1.1.2.3.1.1.6402"; table = "unit"; values = "running";  group = "measure"; },
	{ point = "cooling.{i}.fan.1.status"; column = "2.1.1.2.4.1.1.6902"; table = "unit"; values = "running";  group = "measure"; },
	{ point = "cooling.{i}.name"; column = "1.1.6.1.1.393221"; table = "name";  group = "ident"; }
);

quirks = (
	{ kind = "no-bulk"; why = "the board answers GETBULK wrongly"; },
	{ kind = "sentinel"; points = [ "cooling.*" ]; values = [ 32767, -32768, 65535 ]; why = "a sensor that is not fitted"; }
);
