# SPDX-License-Identifier: Apache-2.0
# CE+T TSI inverters: RFC 1628 with one word of another meaning.
name = "cet_tsi";
title = "CE+T Power TSI inverter (T2S-ETH)";
transport = "snmp";
source = "RFC 1628; a recorded walk of a T2S-ETH supervisor, SNMP V1.0";
base = "rfc1628";
priority = 10;
root = ".1.3.6.1.2.1.33.1";

detect = (
	{ sysobjectid = ".1.3.6.1.4.1.12551.4.0"; }
);

values = (
	# The inverter is fed from the DC bus by design and reports "battery" all its life. Whether mains is there is not told: no word.
	{ name = "output_source"; map = (
		{ value = 1; text = "other"; },
		{ value = 2; text = "none"; status = "OFF"; },
		{ value = 3; text = "normal"; status = "OL"; },
		{ value = 4; text = "bypass"; status = "OL BYPASS"; },
		{ value = 5; text = "normal"; status = "OL"; } ); }
);

points = (
	{ point = "output.source"; oid = "4.1.0"; group = "status"; values = "output_source"; }
);
