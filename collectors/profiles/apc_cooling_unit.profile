# SPDX-License-Identifier: Apache-2.0
# Newer cooling units (InRow DX, Uniflair, Uniflair SP): rows that say themselves what they are, in which unit and divided by what. Where
# a value is there in two units, the SI one counts.
name = "apc_cooling_unit";
title = "APC / Uniflair cooling unit";
transport = "snmp";
source = "PowerNet-MIB (coolingUnit); recorded walks of an InRow DX and a Uniflair SP";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.318.1.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.14"; probe = "27.1.1.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "27.1.1.0"; }
);

tables = (
	{ name = "unit_c"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "C"; scale = 1; } ); },
	{ name = "unit_rh"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "%RH"; scale = 1; } ); },
	{ name = "unit_pct"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "%"; scale = 1; } ); },
	{ name = "unit_kw"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "kW"; scale = 1000; }, { text = "W"; scale = 1; } ); },
	{ name = "unit_pa"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "Pa"; scale = 1; }, { text = "kPa"; scale = 1000; }, { text = "bar"; scale = 100000; } ); },
	{ name = "unit_a"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "A"; scale = 1; } ); },
	{ name = "unit_v"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "V"; scale = 1; } ); },
	{ name = "unit_hz"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; divisor = "27.1.4.1.2.1.5.1"; units = ( { text = "Hz"; scale = 1; } ); },
	{ name = "unit_name"; first = 1; max_rows = 128; unit = "27.1.4.1.2.1.4.1"; unit_of_texts = true;
	  units = ( { text = "C"; scale = 1; }, { text = "%RH"; scale = 1; }, { text = "%"; scale = 1; }, { text = "kW"; scale = 1000; }, { text = "W"; scale = 1; }, { text = "Pa"; scale = 1; }, { text = "kPa"; scale = 1000; }, { text = "bar"; scale = 100000; }, { text = "A"; scale = 1; }, { text = "V"; scale = 1; }, { text = "Hz"; scale = 1; } ); },
	{ name = "more_c"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "C"; scale = 1; } ); },
	{ name = "more_rh"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "%RH"; scale = 1; } ); },
	{ name = "more_pct"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "%"; scale = 1; } ); },
	{ name = "more_kw"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "kW"; scale = 1000; }, { text = "W"; scale = 1; } ); },
	{ name = "more_pa"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "Pa"; scale = 1; }, { text = "kPa"; scale = 1000; }, { text = "bar"; scale = 100000; } ); },
	{ name = "more_a"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "A"; scale = 1; } ); },
	{ name = "more_v"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "V"; scale = 1; } ); },
	{ name = "more_hz"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; divisor = "27.1.6.1.2.1.5.1"; units = ( { text = "Hz"; scale = 1; } ); },
	{ name = "more_name"; first = 129; max_rows = 128; unit = "27.1.6.1.2.1.4.1"; unit_of_texts = true;
	  units = ( { text = "C"; scale = 1; }, { text = "%RH"; scale = 1; }, { text = "%"; scale = 1; }, { text = "kW"; scale = 1000; }, { text = "W"; scale = 1; }, { text = "Pa"; scale = 1; }, { text = "kPa"; scale = 1000; }, { text = "bar"; scale = 100000; }, { text = "A"; scale = 1; }, { text = "V"; scale = 1; }, { text = "Hz"; scale = 1; } ); },
	{ name = "state"; first = 1; max_rows = 64; },
	{ name = "more_state"; first = 65; max_rows = 64; }
);

# not read: E.318.1.1.27.1.4.1.2.1.3.1.{7,8,24,25} as watts - they are kilowatts, published as watts. Readings without a value (rack inlets
# that are not wired) are not there
points = (
	{ point = "cooling.reading.{i}.temperature"; column = "27.1.4.1.2.1.3.1"; table = "unit_c"; group = "measure"; unit = "°C"; },
	{ point = "cooling.reading.{i}.humidity"; column = "27.1.4.1.2.1.3.1"; table = "unit_rh"; group = "measure"; unit = "%"; },
	{ point = "cooling.reading.{i}.percent"; column = "27.1.4.1.2.1.3.1"; table = "unit_pct"; group = "measure"; unit = "%"; },
	{ point = "cooling.reading.{i}.realpower"; column = "27.1.4.1.2.1.3.1"; table = "unit_kw"; group = "measure"; unit = "W"; },
	{ point = "cooling.reading.{i}.pressure"; column = "27.1.4.1.2.1.3.1"; table = "unit_pa"; group = "measure"; unit = "Pa"; },
	{ point = "cooling.reading.{i}.current"; column = "27.1.4.1.2.1.3.1"; table = "unit_a"; group = "measure"; unit = "A"; },
	{ point = "cooling.reading.{i}.voltage"; column = "27.1.4.1.2.1.3.1"; table = "unit_v"; group = "measure"; unit = "V"; },
	{ point = "cooling.reading.{i}.frequency"; column = "27.1.4.1.2.1.3.1"; table = "unit_hz"; group = "measure"; unit = "Hz"; },
	{ point = "cooling.reading.{i}.name"; column = "27.1.4.1.2.1.2.1"; table = "unit_name"; group = "ident"; },
	{ point = "cooling.reading.{i}.temperature"; column = "27.1.6.1.2.1.3.1"; table = "more_c"; group = "measure"; unit = "°C"; },
	{ point = "cooling.reading.{i}.humidity"; column = "27.1.6.1.2.1.3.1"; table = "more_rh"; group = "measure"; unit = "%"; },
	{ point = "cooling.reading.{i}.percent"; column = "27.1.6.1.2.1.3.1"; table = "more_pct"; group = "measure"; unit = "%"; },
	{ point = "cooling.reading.{i}.realpower"; column = "27.1.6.1.2.1.3.1"; table = "more_kw"; group = "measure"; unit = "W"; },
	{ point = "cooling.reading.{i}.pressure"; column = "27.1.6.1.2.1.3.1"; table = "more_pa"; group = "measure"; unit = "Pa"; },
	{ point = "cooling.reading.{i}.current"; column = "27.1.6.1.2.1.3.1"; table = "more_a"; group = "measure"; unit = "A"; },
	{ point = "cooling.reading.{i}.voltage"; column = "27.1.6.1.2.1.3.1"; table = "more_v"; group = "measure"; unit = "V"; },
	{ point = "cooling.reading.{i}.frequency"; column = "27.1.6.1.2.1.3.1"; table = "more_hz"; group = "measure"; unit = "Hz"; },
	{ point = "cooling.reading.{i}.name"; column = "27.1.6.1.2.1.2.1"; table = "more_name"; group = "ident"; },
	{ point = "cooling.state.{i}.status"; column = "27.1.4.2.2.1.3.1"; table = "state"; group = "measure"; },
	{ point = "cooling.state.{i}.name"; column = "27.1.4.2.2.1.2.1"; table = "state"; group = "ident"; },
	{ point = "cooling.state.{i}.status"; column = "27.1.6.2.2.1.3.1"; table = "more_state"; group = "measure"; },
	{ point = "cooling.state.{i}.name"; column = "27.1.6.2.2.1.2.1"; table = "more_state"; group = "ident"; }
);
