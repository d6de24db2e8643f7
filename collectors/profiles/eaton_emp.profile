# SPDX-License-Identifier: Apache-2.0
# Eaton environment probes at UPS network cards: second generation (up to three on a chain), else the first.
name = "eaton_emp";
title = "Eaton environmental monitoring probes";
transport = "snmp";
source = "EATON-SENSOR-MIB, EATON-EMP-MIB, XUPS-MIB";
root = ".1.3.6.1.4.1.534";

values = (
	{ name = "emp_comm"; map = (
		{ value = 0; text = "unknown"; },
		{ value = 1; text = "no"; },
		{ value = 2; text = "yes"; },
		{ value = 3; text = "lost"; } ); },
	{ name = "emp_alarm"; map = (
		{ value = 0; text = "good"; },
		{ value = 1; text = "low"; },
		{ value = 2; text = "critically low"; },
		{ value = 3; text = "high"; },
		{ value = 4; text = "critically high"; } ); },
	{ name = "emp_contact"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; },
		{ value = 3; text = "open, noticed"; },
		{ value = 4; text = "closed, noticed"; } ); },
	{ name = "emp_active"; map = (
		{ value = 0; text = "inactive"; },
		{ value = 1; text = "active"; } ); }
);

# Second generation: a row is a probe and its sensor, and the probe is the number. The first has no rows; its scalar is row 0.
tables = (
	{ name = "emp2"; max_rows = 8; },
	{ name = "emp2_temperature"; index = 2; number = 1; max_rows = 8; unit = "6.8.1.2.5";
	  units = ( { text = "0"; scale = 1; offset = -273.15; }, { text = "1"; scale = 1; },
		    { text = "2"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); },
	{ name = "emp2_humidity"; index = 2; number = 1; max_rows = 8; },
	{ name = "emp2_contact1"; index = 2; number = 2; where = [ 1, 1 ]; max_rows = 8; },
	{ name = "emp2_contact2"; index = 2; number = 2; where = [ 1, 2 ]; max_rows = 8; },
	{ name = "emp2_contact3"; index = 2; number = 2; where = [ 1, 3 ]; max_rows = 8; },
	{ name = "emp1"; max_rows = 1; },
	{ name = "emp1_contact"; max_rows = 16; }
);

points = (
	{ point = "ambient.{i}.temperature"; column = "6.8.1.2.3.1.3"; table = "emp2_temperature"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.{i}.humidity"; column = "6.8.1.3.3.1.3"; table = "emp2_humidity"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ambient.{i}.name"; column = "6.8.1.1.3.1.1"; table = "emp2"; group = "ident"; },
	{ point = "ambient.{i}.present"; column = "6.8.1.1.4.1.1"; table = "emp2"; group = "measure"; values = "emp_comm"; },
	{ point = "ambient.{i}.status"; column = "6.8.1.2.3.1.1"; table = "emp2_temperature"; group = "measure"; values = "emp_alarm"; },
	{ point = "ambient.1.contacts.{i}.state"; column = "6.8.1.4.3.1.3"; table = "emp2_contact1"; group = "measure"; values = "emp_active"; },
	{ point = "ambient.2.contacts.{i}.state"; column = "6.8.1.4.3.1.3"; table = "emp2_contact2"; group = "measure"; values = "emp_active"; },
	{ point = "ambient.3.contacts.{i}.state"; column = "6.8.1.4.3.1.3"; table = "emp2_contact3"; group = "measure"; values = "emp_active"; },
	{ point = "ambient.2.contacts.{i}.name"; column = "6.8.1.4.2.1.1"; table = "emp2_contact2"; group = "ident"; },
	{ point = "ambient.3.contacts.{i}.name"; column = "6.8.1.4.2.1.1"; table = "emp2_contact3"; group = "ident"; },

	{ point = "ambient.{i}.temperature"; column = "1.6.5"; table = "emp1"; group = "measure"; unit = "°C"; instead = true; },
	{ point = "ambient.{i}.humidity"; column = "1.6.6"; table = "emp1"; group = "measure"; unit = "%"; instead = true; },
	{ point = "ambient.1.contacts.{i}.status"; column = "1.6.8.1.3"; table = "emp1_contact"; group = "measure"; values = "emp_contact"; },
	{ point = "ambient.1.contacts.{i}.name"; column = "1.6.8.1.4"; table = "emp1_contact"; group = "ident"; },
	{ point = "ambient.temperature"; oid = "1.6.1.0"; group = "measure"; unit = "°C"; },
	{ point = "ambient.humidity"; oid = "1.6.4.0"; group = "measure"; unit = "%"; }
);

quirks = (
	{ kind = "unset-until-seen"; points = [ "ambient.temperature", "ambient.humidity" ]; values = [ 0 ];
	  why = "cards without a sensor in the UPS write 0"; }
);
