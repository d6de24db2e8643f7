# SPDX-License-Identifier: Apache-2.0
# Vertiv SmartCabinet: UPS, two distribution units, cooling and sensors behind one controller (TMK).
name = "vertiv_dcs";
title = "Vertiv SmartCabinet (DCS)";
transport = "snmp";
source = "LibreNMS definition vertiv-dcs; a recorded walk of a TMK 1.03";
base = "system";
priority = 10;
root = ".1.3.6.1.4.1.13400.3";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.2021.250.10"; probe = "4.491.1.1.75.1"; },
	{ sysobjectid = ".1.3.6.1.4.1.13400.3"; }
);

values = (
	{ name = "supply"; map = (
		{ value = 0; text = "none"; status = "OFF"; },
		{ value = 1; text = "normal"; },
		{ value = 2; text = "bypass"; status = "BYPASS"; },
		{ value = 3; text = "normal"; } ); },
	{ name = "input"; map = (
		{ value = 0; text = "ok"; status = "OL"; },
		{ value = 1; text = "failed"; status = "OB"; code = "input.bad"; },
		{ value = 2; text = "shared"; status = "OL"; },
		{ value = 3; text = "off"; status = "OFF"; } ); },
	{ name = "battery"; map = (
		{ value = 0; text = "resting"; },
		{ value = 1; text = "floating"; },
		{ value = 2; text = "equalising"; status = "CHRG"; },
		{ value = 3; text = "discharging"; status = "DISCHRG"; },
		{ value = 4; text = "battery test"; status = "TEST"; },
		{ value = 5; text = "absent"; code = "battery.disconnected"; },
		{ value = 6; text = "resting"; },
		{ value = 7; text = "charging"; status = "CHRG"; },
		{ value = 8; text = "charging"; status = "CHRG"; } ); },
	{ name = "charger"; map = (
		{ value = 0; text = "on"; },
		{ value = 1; text = "off"; } ); },
	{ name = "link"; map = (
		{ value = 0; text = "ok"; },
		{ value = 1; text = "alarm"; } ); },
	{ name = "outlet"; map = (
		{ value = 0; text = "off"; },
		{ value = 1; text = "on"; } ); }
);

tables = (
	{ name = "pdu"; max_rows = 8; }
);

points = (
	# The UPS (ITA2 tree)
	{ point = "output.source"; oid = "4.491.1.1.75.1"; group = "status"; values = "supply"; },
	{ point = "input.status"; oid = "4.491.1.1.76.1"; group = "status"; values = "input"; },
	{ point = "battery.charger.status"; oid = "4.491.1.1.77.1"; group = "status"; values = "battery"; },
	{ point = "battery.charge"; oid = "4.491.1.1.68.1"; group = "status"; unit = "%"; scale = 0.1; },
	{ point = "battery.runtime"; oid = "4.491.1.1.65.1"; group = "status"; unit = "s"; scale = 6; },
	{ point = "battery.charger.switch"; oid = "4.491.1.1.79.1"; group = "measure"; values = "charger"; },
	{ point = "input.L1-N.voltage"; oid = "4.491.1.1.2.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L2-N.voltage"; oid = "4.491.1.1.3.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.L3-N.voltage"; oid = "4.491.1.1.4.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1-N.voltage"; oid = "4.491.1.1.5.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L2-N.voltage"; oid = "4.491.1.1.6.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L3-N.voltage"; oid = "4.491.1.1.7.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1.current"; oid = "4.491.1.1.8.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L2.current"; oid = "4.491.1.1.9.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.L3.current"; oid = "4.491.1.1.10.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "output.frequency"; oid = "4.491.1.1.11.1"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.L1.current"; oid = "4.491.1.1.16.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.L2.current"; oid = "4.491.1.1.17.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.L3.current"; oid = "4.491.1.1.18.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "input.frequency"; oid = "4.491.1.1.19.1"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "input.bypass.L1-N.voltage"; oid = "4.491.1.1.23.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.bypass.L2-N.voltage"; oid = "4.491.1.1.24.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.bypass.L3-N.voltage"; oid = "4.491.1.1.25.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "input.bypass.frequency"; oid = "4.491.1.1.29.1"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "ups.bus.voltage.positive"; oid = "4.491.1.1.30.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "ups.bus.voltage.negative"; oid = "4.491.1.1.31.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "output.L1.power.percent"; oid = "4.491.1.1.45.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.L2.power.percent"; oid = "4.491.1.1.46.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "output.L3.power.percent"; oid = "4.491.1.1.47.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "battery.voltage"; oid = "4.491.1.1.59.1"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "ambient.temperature"; oid = "4.491.1.1.67.1"; group = "measure"; unit = "°C"; scale = 0.1; },

	# Distribution units, one row each
	{ point = "feed.{i}.voltage"; column = "2.225.1.1.3"; table = "pdu"; group = "measure"; unit = "V"; },
	{ point = "feed.{i}.current"; column = "2.225.1.1.4"; table = "pdu"; group = "measure"; unit = "A"; scale = 0.1; },
	# 3.5 and 6.3 at 230 V with 1.9 and 3.6 A can only be hundreds of watts: the unit counts tens
	{ point = "feed.{i}.realpower"; column = "2.225.1.1.8"; table = "pdu"; group = "measure"; unit = "W"; scale = 10; },
	{ point = "feed.{i}.frequency"; column = "2.225.1.1.11"; table = "pdu"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "feed.{i}.load"; column = "2.225.1.1.12"; table = "pdu"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "feed.{i}.energy"; column = "2.225.1.1.13"; table = "pdu"; group = "measure"; unit = "Wh"; },
	{ point = "feed.{i}.status"; column = "2.225.1.1.51"; table = "pdu"; group = "measure"; values = "link"; },
	{ point = "breaker.1.current"; oid = "2.225.1.1.5.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "breaker.2.current"; oid = "2.225.1.1.6.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "breaker.3.current"; oid = "2.225.1.1.7.1"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "breaker.4.current"; oid = "2.225.1.1.5.2"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "breaker.5.current"; oid = "2.225.1.1.6.2"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "breaker.6.current"; oid = "2.225.1.1.7.2"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "outlet.1.status"; oid = "2.225.1.1.52.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.2.status"; oid = "2.225.1.1.53.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.3.status"; oid = "2.225.1.1.54.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.4.status"; oid = "2.225.1.1.55.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.5.status"; oid = "2.225.1.1.56.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.6.status"; oid = "2.225.1.1.57.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.7.status"; oid = "2.225.1.1.58.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.8.status"; oid = "2.225.1.1.59.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.9.status"; oid = "2.225.1.1.60.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.10.status"; oid = "2.225.1.1.61.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.11.status"; oid = "2.225.1.1.62.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.12.status"; oid = "2.225.1.1.63.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.13.status"; oid = "2.225.1.1.64.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.14.status"; oid = "2.225.1.1.65.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.15.status"; oid = "2.225.1.1.66.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.16.status"; oid = "2.225.1.1.67.1"; group = "measure"; values = "outlet"; },
	{ point = "outlet.17.status"; oid = "2.225.1.1.52.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.18.status"; oid = "2.225.1.1.53.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.19.status"; oid = "2.225.1.1.54.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.20.status"; oid = "2.225.1.1.55.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.21.status"; oid = "2.225.1.1.56.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.22.status"; oid = "2.225.1.1.57.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.23.status"; oid = "2.225.1.1.58.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.24.status"; oid = "2.225.1.1.59.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.25.status"; oid = "2.225.1.1.60.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.26.status"; oid = "2.225.1.1.61.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.27.status"; oid = "2.225.1.1.62.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.28.status"; oid = "2.225.1.1.63.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.29.status"; oid = "2.225.1.1.64.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.30.status"; oid = "2.225.1.1.65.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.31.status"; oid = "2.225.1.1.66.2"; group = "measure"; values = "outlet"; },
	{ point = "outlet.32.status"; oid = "2.225.1.1.67.2"; group = "measure"; values = "outlet"; },

	# The cooling unit
	{ point = "cooling.supply.temperature"; oid = "3.3031.1.1.56.1"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "cooling.return.temperature"; oid = "3.3031.1.1.57.1"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "cooling.outside.temperature"; oid = "3.3031.1.1.58.1"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "cooling.exhaust.temperature"; oid = "3.3031.1.1.59.1"; group = "measure"; unit = "°C"; scale = 0.01; },
	{ point = "cooling.voltage"; oid = "3.3031.1.1.64.1"; group = "measure"; unit = "V"; scale = 0.01; },
	{ point = "cooling.compressor.load"; oid = "3.3031.1.1.76.1"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "cooling.fan.speed"; oid = "3.3031.1.1.77.1"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "cooling.valve"; oid = "3.3031.1.1.78.1"; group = "measure"; unit = "%"; scale = 0.01; },

	# The cabinet: 1 front, 2 rear, 3 outside
	{ point = "ambient.1.temperature"; oid = "5.541.1.1.2.1"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.2.temperature"; oid = "5.541.1.1.3.1"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.3.temperature"; oid = "5.541.1.1.19.1"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.3.humidity"; oid = "5.541.1.1.20.1"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ambient.1.door"; oid = "5.541.1.1.4.1"; group = "measure"; true_when = [ 1 ]; },
	{ point = "ambient.2.door"; oid = "5.541.1.1.5.1"; group = "measure"; true_when = [ 1 ]; },
	{ point = "ambient.1.leak"; oid = "5.541.1.1.6.1"; group = "measure"; true_when = [ 1 ]; },
	{ point = "ambient.1.smoke"; oid = "5.559.1.1.2.1"; group = "measure"; true_when = [ 1 ]; }
);
# not read: 999.9 and 99.99 (raw 9999) - phases, branches and probes that are not there (value unknown)
# not read as 3.5 and 6.3 W: 2.225.1.1.8 - see there
# not read: 2.225.1.1.2 (type of the distribution unit), 5.559.1.1.3 (LibreNMS reads 5.559.1.1.2 twice)

quirks = (
	{ kind = "sentinel"; points = [ "*.voltage", "*.current", "*.percent", "*.frequency", "*.temperature", "*.humidity", "*.load", "*.positive",
		"*.negative", "battery.charge", "cooling.*" ]; values = [ 9999L ]; why = "9999 stands for what is not there"; }
);
