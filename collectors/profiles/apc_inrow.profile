# SPDX-License-Identifier: Apache-2.0
# APC InRow RC, RP and RD, AirFM, and the portable unit: cooling with objects of their own.
name = "apc_inrow";
title = "APC InRow and AirFM cooling";
transport = "snmp";
source = "PowerNet-MIB (airIRRC, airIRRP100, airIRRP500, airIRG2RDT2, airFM, airPA); LibreNMS os_discovery apc and apc-inrow";
base = "system";
also = [ "apc_env" ];
priority = 5;
root = ".1.3.6.1.4.1.318.1.1.13";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.318.1.3.14"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "3.2.2.2.1.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "1.6.3.0"; },
	{ sysobjectid = ".1.3.6.1.4.1.318"; probe = "2.2.10.0"; }
);

values = (
	{ name = "rc_mode"; map = (
		{ value = 1; text = "standby"; },
		{ value = 2; text = "on"; },
		{ value = 3; text = "idle"; } ); },
	{ name = "rp100_mode"; map = (
		{ value = 1; text = "standby"; },
		{ value = 2; text = "on"; },
		{ value = 3; text = "idle"; },
		{ value = 4; text = "about to start"; },
		{ value = 5; text = "service"; },
		{ value = 6; text = "backup"; },
		{ value = 7; text = "assist"; } ); },
	{ name = "rp500_mode"; map = (
		{ value = 1; text = "standby"; },
		{ value = 2; text = "on"; },
		{ value = 3; text = "idle"; },
		{ value = 4; text = "about to start"; },
		{ value = 5; text = "backup"; },
		{ value = 6; text = "assist"; } ); },
	{ name = "fm_group"; map = (
		{ value = 1; text = "on"; },
		{ value = 2; text = "idle"; },
		{ value = 3; text = "sharing the load"; },
		{ value = 4; text = "off"; },
		{ value = 5; text = "failed"; code = "ups.fault"; },
		{ value = 6; text = "disabled"; },
		{ value = 7; text = "undefined"; } ); },
	{ name = "flow"; map = (
		{ value = 1; text = "low"; },
		{ value = 2; text = "good"; },
		{ value = 3; text = "high"; },
		{ value = 4; text = "not applicable"; } ); },
	{ name = "contact"; map = (
		{ value = 1; text = "open"; },
		{ value = 2; text = "closed"; } ); },
	{ name = "feed"; map = (
		{ value = 1; text = "source A"; },
		{ value = 2; text = "source B"; } ); },
	{ name = "on_off"; map = (
		{ value = 1; text = "absent"; },
		{ value = 2; text = "on"; },
		{ value = 3; text = "off"; } ); },
	{ name = "enabled"; map = (
		{ value = 1; text = "absent"; },
		{ value = 2; text = "disabled"; },
		{ value = 3; text = "enabled"; } ); }
);

tables = (
	{ name = "fm"; max_rows = 1; },
	{ name = "rd"; max_rows = 1; }
);

points = (
	# InRow RC
	{ point = "cooling.status"; oid = "3.2.2.2.1.0"; group = "measure"; values = "rc_mode"; },
	{ point = "cooling.output"; oid = "3.2.2.2.2.0"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "cooling.demand"; oid = "3.2.2.2.3.0"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "cooling.group.output"; oid = "3.2.1.1.1.0"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "cooling.group.demand"; oid = "3.2.1.1.2.0"; group = "measure"; unit = "W"; scale = 100; },
	{ point = "cooling.flow.status"; oid = "3.2.1.1.9.0"; group = "measure"; values = "flow"; },
	{ point = "cooling.inlet.temperature"; oid = "3.2.2.2.7.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.supply.temperature"; oid = "3.2.2.2.9.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.return.temperature"; oid = "3.2.2.2.11.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.containment.pressure"; oid = "3.2.2.2.13.0"; group = "measure"; unit = "Pa"; },
	{ point = "cooling.filter.pressure"; oid = "3.2.2.2.15.0"; group = "measure"; unit = "Pa"; },
	{ point = "cooling.fan.speed"; oid = "3.2.2.2.16.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "cooling.contact.status"; oid = "3.2.2.2.17.0"; group = "measure"; values = "contact"; },
	{ point = "cooling.relay.status"; oid = "3.2.2.2.18.0"; group = "measure"; values = "contact"; },
	{ point = "input.source"; oid = "3.2.2.2.19.0"; group = "measure"; values = "feed"; },
	{ point = "cooling.valve"; oid = "3.2.2.2.20.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.fluid.in.temperature"; oid = "3.2.2.2.24.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.fluid.out.temperature"; oid = "3.2.2.2.26.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "ambient.1.leak"; oid = "3.2.2.2.27.0"; group = "measure"; true_when = [ 2 ]; },
	{ point = "cooling.filter.runtime"; oid = "3.2.2.3.1.0"; group = "measure"; unit = "s"; scale = 3600; },
	{ point = "cooling.pump.runtime"; oid = "3.2.2.3.12.0"; group = "measure"; unit = "s"; scale = 3600; },
	{ point = "ups.alarm.count"; oid = "3.1.1.0"; group = "measure"; },

	# InRow RP, the smaller and the larger

	{ point = "cooling.status"; oid = "3.3.1.2.2.1.0"; group = "measure"; values = "rp100_mode"; instead = true; },
	{ point = "cooling.inlet.temperature"; oid = "3.3.1.2.2.3.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.temperature"; oid = "3.3.1.2.2.5.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.return.temperature"; oid = "3.3.1.2.2.7.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.humidity"; oid = "3.3.1.2.2.8.0"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.return.humidity"; oid = "3.3.1.2.2.9.0"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.fan.speed"; oid = "3.3.1.2.2.12.0"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.demand"; oid = "3.3.1.2.2.13.0"; group = "measure"; unit = "W"; scale = 100; instead = true; },
	{ point = "cooling.output"; oid = "3.3.1.2.2.14.0"; group = "measure"; unit = "W"; scale = 100; instead = true; },
	{ point = "cooling.contact.status"; oid = "3.3.1.2.2.21.0"; group = "measure"; values = "contact"; instead = true; },
	{ point = "cooling.relay.status"; oid = "3.3.1.2.2.22.0"; group = "measure"; values = "contact"; instead = true; },
	{ point = "cooling.inlet.1.temperature"; oid = "3.3.1.2.2.24.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.inlet.2.temperature"; oid = "3.3.1.2.2.26.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.inlet.3.temperature"; oid = "3.3.1.2.2.28.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.humidifier.current"; oid = "3.3.1.2.2.33.0"; group = "measure"; unit = "A"; scale = 0.1; instead = true; },

	{ point = "cooling.status"; oid = "3.3.2.2.2.1.0"; group = "measure"; values = "rp500_mode"; instead = true; },
	{ point = "cooling.inlet.temperature"; oid = "3.3.2.2.2.3.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.temperature"; oid = "3.3.2.2.2.5.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.return.temperature"; oid = "3.3.2.2.2.7.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.humidity"; oid = "3.3.2.2.2.8.0"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.return.humidity"; oid = "3.3.2.2.2.9.0"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.fan.speed"; oid = "3.3.2.2.2.12.0"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.demand"; oid = "3.3.2.2.2.13.0"; group = "measure"; unit = "W"; scale = 100; instead = true; },
	{ point = "cooling.output"; oid = "3.3.2.2.2.14.0"; group = "measure"; unit = "W"; scale = 100; instead = true; },
	{ point = "cooling.contact.status"; oid = "3.3.2.2.2.21.0"; group = "measure"; values = "contact"; instead = true; },
	{ point = "cooling.relay.status"; oid = "3.3.2.2.2.22.0"; group = "measure"; values = "contact"; instead = true; },
	{ point = "cooling.inlet.1.temperature"; oid = "3.3.2.2.2.24.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.inlet.2.temperature"; oid = "3.3.2.2.2.26.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.inlet.3.temperature"; oid = "3.3.2.2.2.28.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.humidifier.current"; oid = "3.3.2.2.2.33.0"; group = "measure"; unit = "A"; scale = 0.1; instead = true; },
	{ point = "cooling.drive.voltage"; oid = "3.3.1.2.2.37.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "cooling.drive.current"; oid = "3.3.1.2.2.38.0"; group = "measure"; unit = "A"; scale = 0.1; },
	{ point = "cooling.drive.link.voltage"; oid = "3.3.1.2.2.39.0"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "cooling.drive.temperature"; oid = "3.3.1.2.2.41.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.drive.card.temperature"; oid = "3.3.1.2.2.43.0"; group = "measure"; unit = "°C"; scale = 0.1; },

	# InRow RD
	{ point = "cooling.output"; column = "4.5.2.1.2"; table = "rd"; group = "measure"; unit = "W"; scale = 100; instead = true; },
	{ point = "cooling.demand"; column = "4.5.2.1.3"; table = "rd"; group = "measure"; unit = "W"; scale = 100; instead = true; },
	{ point = "cooling.inlet.temperature"; column = "4.5.2.1.7"; table = "rd"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.temperature"; column = "4.5.2.1.9"; table = "rd"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.return.temperature"; column = "4.5.2.1.11"; table = "rd"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.suction.temperature"; column = "4.5.2.1.13"; table = "rd"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.suction.pressure"; column = "4.5.2.1.19"; table = "rd"; group = "measure"; unit = "Pa"; scale = 1000; },
	{ point = "cooling.discharge.pressure"; column = "4.5.2.1.21"; table = "rd"; group = "measure"; unit = "Pa"; scale = 1000; },

	# AirFM
	{ point = "cooling.status"; oid = "1.3.1.0"; group = "measure"; values = "fm_group"; instead = true; },
	{ point = "cooling.demand.percent"; oid = "1.4.2.1.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.dehumidify.demand"; oid = "1.4.2.2.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.output.percent"; oid = "1.4.2.3.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.heat.demand"; oid = "1.4.2.7.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.heat.output"; oid = "1.4.2.8.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.humidify.demand"; oid = "1.4.2.11.0"; group = "measure"; unit = "%"; },
	{ point = "cooling.cool.status"; oid = "1.4.5.8.0"; group = "measure"; values = "enabled"; },
	{ point = "cooling.cool.setpoint.temperature"; oid = "1.4.5.10.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.humidify.status"; oid = "1.4.6.1.0"; group = "measure"; values = "enabled"; },
	{ point = "cooling.humidify.setpoint.humidity"; oid = "1.4.6.3.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "cooling.dehumidify.status"; oid = "1.4.7.1.0"; group = "measure"; values = "enabled"; },
	{ point = "cooling.dehumidify.setpoint.humidity"; oid = "1.4.7.3.0"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "cooling.heat.status"; oid = "1.4.8.1.0"; group = "measure"; values = "enabled"; },
	{ point = "cooling.heat.setpoint.temperature"; oid = "1.4.8.3.0"; group = "measure"; unit = "°C"; scale = 0.1; },
	{ point = "cooling.supply.temperature"; column = "1.5.2.2.1.2"; table = "fm"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.humidity"; column = "1.5.2.2.1.4"; table = "fm"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.return.temperature"; column = "1.5.2.2.1.5"; table = "fm"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.return.humidity"; column = "1.5.2.2.1.7"; table = "fm"; group = "measure"; unit = "%"; scale = 0.1; instead = true; },
	{ point = "cooling.filter.pressure"; column = "1.5.2.2.1.8"; table = "fm"; group = "measure"; unit = "Pa"; instead = true; },
	{ point = "cooling.coil.pressure"; column = "1.5.2.2.1.10"; table = "fm"; group = "measure"; unit = "Pa"; },
	{ point = "cooling.compressor.1.status"; column = "1.5.4.2.1.2"; table = "fm"; group = "measure"; values = "on_off"; },
	{ point = "cooling.compressor.2.status"; column = "1.5.4.2.1.3"; table = "fm"; group = "measure"; values = "on_off"; },
	{ point = "cooling.suction.pressure"; column = "1.5.4.2.1.4"; table = "fm"; group = "measure"; unit = "Pa"; scale = 1000; instead = true; },
	{ point = "cooling.discharge.pressure"; column = "1.5.4.2.1.6"; table = "fm"; group = "measure"; unit = "Pa"; scale = 1000; instead = true; },
	{ point = "cooling.humidifier.current"; column = "1.5.5.2.1.3"; table = "fm"; group = "measure"; unit = "A"; scale = 0.1; instead = true; },
	{ point = "cooling.humidify.output"; column = "1.5.5.2.1.4"; table = "fm"; group = "measure"; unit = "%"; },
	{ point = "cooling.blower.1.demand.frequency"; column = "1.5.6.2.1.3"; table = "fm"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "cooling.blower.1.frequency"; column = "1.5.6.2.1.4"; table = "fm"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "cooling.blower.1.torque"; column = "1.5.6.2.1.8"; table = "fm"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "cooling.blower.1.load"; column = "1.5.6.2.1.9"; table = "fm"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "cooling.blower.1.voltage"; column = "1.5.6.2.1.10"; table = "fm"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "cooling.blower.1.capacitor"; column = "1.5.6.2.1.14"; table = "fm"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "cooling.blower.2.demand.frequency"; column = "1.5.7.2.1.3"; table = "fm"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "cooling.blower.2.frequency"; column = "1.5.7.2.1.4"; table = "fm"; group = "measure"; unit = "Hz"; scale = 0.1; },
	{ point = "cooling.blower.2.torque"; column = "1.5.7.2.1.8"; table = "fm"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "cooling.blower.2.load"; column = "1.5.7.2.1.9"; table = "fm"; group = "measure"; unit = "%"; scale = 0.01; },
	{ point = "cooling.blower.2.voltage"; column = "1.5.7.2.1.10"; table = "fm"; group = "measure"; unit = "V"; scale = 0.1; },
	{ point = "cooling.blower.2.capacitor"; column = "1.5.7.2.1.14"; table = "fm"; group = "measure"; unit = "%"; scale = 0.1; },
	{ point = "ups.alarm.count"; oid = "1.6.3.0"; group = "measure"; instead = true; },

	# portable unit
	{ point = "cooling.cool.setpoint.temperature"; oid = "2.2.4.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.supply.temperature"; oid = "2.2.10.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.return.temperature"; oid = "2.2.12.0"; group = "measure"; unit = "°C"; scale = 0.1; instead = true; },
	{ point = "cooling.room.temperature"; oid = "2.2.14.0"; group = "measure"; unit = "°C"; scale = 0.1; }
);

quirks = (
	{ kind = "sentinel"; points = [ "*" ]; values = [ -1L, -2147483648L ]; why = "both mean that the unit has none" ; }
);
