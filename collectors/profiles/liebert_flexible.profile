# SPDX-License-Identifier: Apache-2.0
# The labelled values of newer Liebert devices: an object per value with a number of its own, its text and its unit beside it. Fills in
# what the UPS MIB of the card does not hold. Group 1, device 2, part 1; part 2 repeats temperatures in °F, part 100 holds events.
name = "liebert_flexible";
title = "Liebert labelled values";
transport = "snmp";
source = "LIEBERT-GP-FLEXIBLE-MIB; NUT vertiv-mib; a recorded walk of an APM, whose labels tell what each number means";
root = ".1.3.6.1.4.1.476.1.42";

# A value is read by the unit that stands beside it.
values = (
	{ name = "source"; map = (
		{ match = "[Bb]ypass"; text = "bypass"; status = "OL BYPASS"; },
		{ match = "[Bb]attery"; text = "battery"; status = "OB"; },
		{ match = "[Nn]ormal|[Ii]nverter|[Uu]tility"; text = "normal"; status = "OL"; },
		{ match = "[Bb]oost"; text = "booster"; status = "OL BOOST"; },
		{ match = "[Rr]educe|[Bb]uck"; text = "reducer"; status = "OL TRIM"; },
		{ match = "^([Nn]one|[Oo]ff)"; text = "none"; status = "OFF"; },
		{ match = "."; text = "other"; } ); },
	{ name = "battery"; map = (
		{ match = "[Dd]eplet"; text = "depleted"; status = "LB DEPLETED"; },
		{ match = "[Ll]ow"; text = "low"; status = "LB"; },
		{ match = "[Nn]ormal|[Gg]ood"; text = "good"; },
		{ match = "[Ff]ail|[Rr]eplace|[Bb]ad"; text = "fault"; status = "RB"; },
		{ match = "."; text = "unknown"; } ); },
	{ name = "system"; map = (
		{ match = "[Ww]arning"; text = "warning"; code = "ups.minor"; },
		{ match = "[Aa]larm|[Aa]bnormal|[Ff]ault|[Ff]ail"; text = "alarm"; code = "ups.major"; },
		{ match = "[Nn]ormal"; text = "ok"; },
		{ match = "."; text = "other"; } ); }
);

units = (
	{ name = "volt"; map = ( { text = "VAC"; scale = 1; }, { text = "VDC"; scale = 1; }, { text = "V"; scale = 1; } ); },
	{ name = "ampere"; map = ( { text = "A AC"; scale = 1; }, { text = "A DC"; scale = 1; }, { text = "A"; scale = 1; } ); },
	{ name = "hertz"; map = ( { text = "Hz"; scale = 1; } ); },
	{ name = "percent"; map = ( { text = "%"; scale = 1; } ); },
	{ name = "temperature"; map = ( { text = "deg C"; scale = 1; }, { text = "deg F"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "time"; map = ( { text = "min"; scale = 60; }, { text = "sec"; scale = 1; }, { text = "s"; scale = 1; }, { text = "hr"; scale = 3600; } ); },
	{ name = "watt"; map = ( { text = "W"; scale = 1; }, { text = "kW"; scale = 1000; } ); },
	{ name = "voltampere"; map = ( { text = "VA"; scale = 1; }, { text = "kVA"; scale = 1000; } ); },
	{ name = "factor"; map = ( { text = ""; scale = 1; }, { text = "-"; scale = 1; } ); }
);

points = (
	# what decides
	{ point = "output.source"; oid = "3.9.20.1.20.1.2.1.4872"; group = "status"; values = "source"; },
	{ point = "battery.status"; oid = "3.9.20.1.20.1.2.1.4871"; group = "status"; values = "battery"; },
	{ point = "device.status"; oid = "3.9.20.1.20.1.2.1.4123"; group = "status"; values = "system"; },
	{ point = "battery.runtime"; oid = "3.9.20.1.20.1.2.1.4150"; group = "status"; unit = "s"; units = "time"; unit_oid = "3.9.20.1.30.1.2.1.4150"; },
	{ point = "battery.charge"; oid = "3.9.20.1.20.1.2.1.4153"; group = "status"; unit = "%"; units = "percent"; unit_oid = "3.9.20.1.30.1.2.1.4153"; },
	# input
	{ point = "input.voltage"; oid = "3.9.20.1.20.1.2.1.4096"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4096"; only = ( { column = ".1.3.6.1.2.1.33.1.3.2"; is = [ 1 ]; } ); },
	{ point = "input.L1-N.voltage"; oid = "3.9.20.1.20.1.2.1.4096"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4096"; only = ( { column = ".1.3.6.1.2.1.33.1.3.2"; is_not = [ 1 ]; } ); },
	{ point = "input.L2-N.voltage"; oid = "3.9.20.1.20.1.2.1.4098"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4098"; },
	{ point = "input.L3-N.voltage"; oid = "3.9.20.1.20.1.2.1.4100"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4100"; },
	{ point = "input.L1-L2.voltage"; oid = "3.9.20.1.20.1.2.1.4097"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4097"; },
	{ point = "input.L2-L3.voltage"; oid = "3.9.20.1.20.1.2.1.4099"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4099"; },
	{ point = "input.L3-L1.voltage"; oid = "3.9.20.1.20.1.2.1.4101"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4101"; },
	{ point = "input.current"; oid = "3.9.20.1.20.1.2.1.4113"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4113"; only = ( { column = ".1.3.6.1.2.1.33.1.3.2"; is = [ 1 ]; } ); },
	{ point = "input.L1.current"; oid = "3.9.20.1.20.1.2.1.4113"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4113"; only = ( { column = ".1.3.6.1.2.1.33.1.3.2"; is_not = [ 1 ]; } ); },
	{ point = "input.L2.current"; oid = "3.9.20.1.20.1.2.1.4114"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4114"; },
	{ point = "input.L3.current"; oid = "3.9.20.1.20.1.2.1.4115"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4115"; },
	{ point = "input.frequency"; oid = "3.9.20.1.20.1.2.1.4105"; group = "measure"; unit = "Hz"; units = "hertz"; unit_oid = "3.9.20.1.30.1.2.1.4105"; },
	{ point = "input.powerfactor"; oid = "3.9.20.1.20.1.2.1.4116"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4116"; only = ( { column = ".1.3.6.1.2.1.33.1.3.2"; is = [ 1 ]; } ); },
	{ point = "input.L1.powerfactor"; oid = "3.9.20.1.20.1.2.1.4116"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4116"; only = ( { column = ".1.3.6.1.2.1.33.1.3.2"; is_not = [ 1 ]; } ); },
	{ point = "input.L2.powerfactor"; oid = "3.9.20.1.20.1.2.1.4117"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4117"; },
	{ point = "input.L3.powerfactor"; oid = "3.9.20.1.20.1.2.1.4118"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4118"; },
	# bypass
	{ point = "input.bypass.voltage"; oid = "3.9.20.1.20.1.2.1.4128"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4128"; only = ( { column = ".1.3.6.1.2.1.33.1.5.2"; is = [ 1 ]; } ); },
	{ point = "input.bypass.L1-N.voltage"; oid = "3.9.20.1.20.1.2.1.4128"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4128"; only = ( { column = ".1.3.6.1.2.1.33.1.5.2"; is_not = [ 1 ]; } ); },
	{ point = "input.bypass.L2-N.voltage"; oid = "3.9.20.1.20.1.2.1.4129"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4129"; },
	{ point = "input.bypass.L3-N.voltage"; oid = "3.9.20.1.20.1.2.1.4130"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4130"; },
	{ point = "input.bypass.frequency"; oid = "3.9.20.1.20.1.2.1.4131"; group = "measure"; unit = "Hz"; units = "hertz"; unit_oid = "3.9.20.1.30.1.2.1.4131"; },
	# output
	{ point = "output.voltage"; oid = "3.9.20.1.20.1.2.1.4385"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4385"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is = [ 1 ]; } ); },
	{ point = "output.L1-N.voltage"; oid = "3.9.20.1.20.1.2.1.4385"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4385"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is_not = [ 1 ]; } ); },
	{ point = "output.L2-N.voltage"; oid = "3.9.20.1.20.1.2.1.4386"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4386"; },
	{ point = "output.L3-N.voltage"; oid = "3.9.20.1.20.1.2.1.4387"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4387"; },
	{ point = "output.L1-L2.voltage"; oid = "3.9.20.1.20.1.2.1.4201"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4201"; },
	{ point = "output.L2-L3.voltage"; oid = "3.9.20.1.20.1.2.1.4202"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4202"; },
	{ point = "output.L3-L1.voltage"; oid = "3.9.20.1.20.1.2.1.4203"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4203"; },
	{ point = "output.current"; oid = "3.9.20.1.20.1.2.1.4204"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4204"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is = [ 1 ]; } ); },
	{ point = "output.L1.current"; oid = "3.9.20.1.20.1.2.1.4204"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4204"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is_not = [ 1 ]; } ); },
	{ point = "output.L2.current"; oid = "3.9.20.1.20.1.2.1.4205"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4205"; },
	{ point = "output.L3.current"; oid = "3.9.20.1.20.1.2.1.4206"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4206"; },
	{ point = "output.frequency"; oid = "3.9.20.1.20.1.2.1.4207"; group = "measure"; unit = "Hz"; units = "hertz"; unit_oid = "3.9.20.1.30.1.2.1.4207"; },
	{ point = "ups.realpower"; oid = "3.9.20.1.20.1.2.1.4208"; group = "measure"; unit = "W"; units = "watt"; unit_oid = "3.9.20.1.30.1.2.1.4208"; },
	{ point = "ups.power"; oid = "3.9.20.1.20.1.2.1.4209"; group = "measure"; unit = "VA"; units = "voltampere"; unit_oid = "3.9.20.1.30.1.2.1.4209"; },
	{ point = "output.powerfactor"; oid = "3.9.20.1.20.1.2.1.4210"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4210"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is = [ 1 ]; } ); },
	{ point = "output.L1.powerfactor"; oid = "3.9.20.1.20.1.2.1.4210"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4210"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is_not = [ 1 ]; } ); },
	{ point = "output.L2.powerfactor"; oid = "3.9.20.1.20.1.2.1.4211"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4211"; },
	{ point = "output.L3.powerfactor"; oid = "3.9.20.1.20.1.2.1.4212"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.4212"; },
	{ point = "output.L1.power.percent"; oid = "3.9.20.1.20.1.2.1.4223"; group = "measure"; unit = "%"; units = "percent"; unit_oid = "3.9.20.1.30.1.2.1.4223"; only = ( { column = ".1.3.6.1.2.1.33.1.4.3"; is_not = [ 1 ]; } ); },
	{ point = "output.L2.power.percent"; oid = "3.9.20.1.20.1.2.1.4224"; group = "measure"; unit = "%"; units = "percent"; unit_oid = "3.9.20.1.30.1.2.1.4224"; },
	{ point = "output.L3.power.percent"; oid = "3.9.20.1.20.1.2.1.4225"; group = "measure"; unit = "%"; units = "percent"; unit_oid = "3.9.20.1.30.1.2.1.4225"; },
	{ point = "ups.load"; oid = "3.9.20.1.20.1.2.1.5861"; group = "measure"; unit = "%"; units = "percent"; unit_oid = "3.9.20.1.30.1.2.1.5861"; },
	{ point = "output.L1.current.crest"; oid = "3.9.20.1.20.1.2.1.5159"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.5159"; },
	{ point = "output.L2.current.crest"; oid = "3.9.20.1.20.1.2.1.5160"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.5160"; },
	{ point = "output.L3.current.crest"; oid = "3.9.20.1.20.1.2.1.5161"; group = "measure"; units = "factor"; unit_oid = "3.9.20.1.30.1.2.1.5161"; },
	# battery and temperatures
	{ point = "battery.voltage"; oid = "3.9.20.1.20.1.2.1.4148"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4148"; },
	{ point = "battery.voltage"; oid = "3.9.20.1.20.1.2.1.4155"; group = "measure"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4155"; instead = true; },
	{ point = "battery.current"; oid = "3.9.20.1.20.1.2.1.4149"; group = "measure"; unit = "A"; units = "ampere"; unit_oid = "3.9.20.1.30.1.2.1.4149"; },
	{ point = "battery.temperature"; oid = "3.9.20.1.20.1.2.1.4156"; group = "measure"; unit = "°C"; units = "temperature"; unit_oid = "3.9.20.1.30.1.2.1.4156"; },
	{ point = "ups.temperature"; oid = "3.9.20.1.20.1.2.1.4291"; group = "measure"; unit = "°C"; units = "temperature"; unit_oid = "3.9.20.1.30.1.2.1.4291"; },
	# identity, states as the device words them
	{ point = "device.model"; oid = "3.9.20.1.20.1.2.1.4240"; group = "ident"; },
	{ point = "device.mfr"; oid = "3.9.20.1.20.1.2.1.4333"; group = "ident"; },
	{ point = "battery.voltage.nominal"; oid = "3.9.20.1.20.1.2.1.6189"; group = "ident"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.6189"; },
	{ point = "input.voltage.nominal"; oid = "3.9.20.1.20.1.2.1.4102"; group = "ident"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4102"; },
	{ point = "output.voltage.nominal"; oid = "3.9.20.1.20.1.2.1.4260"; group = "ident"; unit = "V"; units = "volt"; unit_oid = "3.9.20.1.30.1.2.1.4260"; }
);
