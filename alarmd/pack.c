// SPDX-License-Identifier: Apache-2.0
/* The default rule pack. Severities of the device's own alarms are ours: RFC 1628 gives none (its
 * table has neither severity nor text nor a clear event). Conditions that both the status words and
 * the alarm table can tell are one rule, so one outage is one alarm. */
#include "alarmd/rule.h"

#include "common/point.h"

#define CRITICAL BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL
#define MAJOR    BUSBAR__V1__SEVERITY__SEVERITY_MAJOR
#define UNKNOWN  BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN
#define MINOR    BUSBAR__V1__SEVERITY__SEVERITY_MINOR
#define INFO     BUSBAR__V1__SEVERITY__SEVERITY_INFO

// clang-format off
/* A bit the device holds is believed at once and its end after two readings; a measured value must
 * hold on both sides. */
#define HOLD_BIT { .raise_count = 1, .clear_count = 2 }
#define HOLD_VALUE { .raise_count = 2, .raise_ms = 10000, .clear_count = 2, .clear_ms = 10000 }

#define WORD(bits, sentence) \
	{ .source = RULE_WORD, .point = "ups.status", .group = "status", .words = (bits), .hold = HOLD_BIT, .text = (sentence) }
#define FLAG(name, sentence) \
	{ .source = RULE_FLAG, .point = (name), .group = "status", .hold = HOLD_BIT, .text = (sentence) }
#define ROW(name, how_bad, ...) \
	{ .id = (name), .severity = (how_bad), \
		.n_terms = sizeof((struct rule_term[]){ __VA_ARGS__ }) / sizeof(struct rule_term), .term = { __VA_ARGS__ } }

const struct rule rule_pack[] = {
	ROW("on_battery", MAJOR, WORD(BB_ST_OB, "the UPS runs on battery")),
	ROW("low_battery", CRITICAL, WORD(BB_ST_LB, "the battery is low")),
	ROW("depleted_battery", CRITICAL, WORD(BB_ST_DEPLETED, "the battery is depleted and cannot carry the load if mains fails")),
	ROW("replace_battery", MAJOR, WORD(BB_ST_RB, "the battery is bad and needs to be replaced"),
		FLAG("alarm.battery.bad", "the battery is bad")),
	ROW("overload", CRITICAL, WORD(BB_ST_OVER, "the output load exceeds what the UPS can carry"),
		FLAG("alarm.output.overload", "the output is overloaded")),
	ROW("bypass", MAJOR, WORD(BB_ST_BYPASS, "the UPS runs on bypass, the load is not protected"),
		FLAG("alarm.ups.on_bypass", "the load is fed by the bypass")),
	ROW("temperature", MAJOR,
		FLAG("alarm.ups.temperature", "the UPS reports a temperature out of tolerance"),
		{ .source = RULE_ABOVE, .point = "battery.temperature", .group = "measure", .raise = 40, .clear = 38, .unit = "°C",
		  .hold = HOLD_VALUE, .text = "battery temperature {value} {unit} is above {limit} {unit}" },
		FLAG("alarm.battery.temperature", "the device reports that the battery is too hot or too cold")),
	ROW("comm_lost", UNKNOWN,
		{ .source = RULE_COMM, .point = "comm", .group = "status", .hold = HOLD_BIT, .text = "the device does not answer" }),

	ROW("test_trap_missed", MAJOR,
		{ .source = RULE_EVENT, .point = "test_trap", .group = "event", .hold = { .raise_count = 1, .clear_count = 1 },
		  .text = "the test trap that was expected did not come" }),

	ROW("input_bad", MAJOR, FLAG("alarm.input.bad", "an input condition is out of tolerance"),
		FLAG("alarm.input.several_bad", "several inputs are out of tolerance"),
		FLAG("alarm.input.bad", "an input condition is out of tolerance")),
	ROW("output_bad", CRITICAL, FLAG("alarm.output.bad", "an output condition is out of tolerance")),
	ROW("bypass_bad", MINOR, FLAG("alarm.bypass.bad", "the bypass is out of tolerance")),
	ROW("output_off_requested", INFO, FLAG("alarm.output.off_requested", "the output was switched off as requested")),
	ROW("ups_off_requested", INFO, FLAG("alarm.ups.off_requested", "the UPS was switched off as requested")),
	ROW("charger_failed", MAJOR, FLAG("alarm.charger.failed", "the charger has failed")),
	ROW("output_off", CRITICAL, FLAG("alarm.output.off", "the output is off")),
	ROW("ups_off", CRITICAL, FLAG("alarm.ups.off", "the UPS is off"),
		FLAG("alarm.ups.emergency_off", "the emergency power off was pressed")),
	ROW("fan_failed", MAJOR, FLAG("alarm.fan.failed", "a fan has failed"), FLAG("alarm.fan.failed", "a fan has failed")),
	ROW("fuse_failed", MAJOR, FLAG("alarm.fuse.failed", "a fuse has failed"),
		FLAG("alarm.fuse.failed", "a fuse or breaker has tripped")),
	ROW("ups_fault", MAJOR, FLAG("alarm.ups.fault", "the UPS reports a general fault")),
	ROW("test_failed", MAJOR, FLAG("alarm.test.failed", "the last self-test failed")),
	ROW("card_link_lost", MAJOR,
		FLAG("alarm.comm.lost", "the card has lost its UPS: every other value may be out of date")),
	ROW("awaiting_power", MAJOR, FLAG("alarm.ups.awaiting_power", "the output is off and waits for mains to return")),
	ROW("shutdown_pending", CRITICAL, FLAG("alarm.shutdown.pending", "the UPS will switch off: a countdown runs")),
	ROW("shutdown_imminent", CRITICAL, FLAG("alarm.shutdown.imminent", "the UPS switches off within seconds")),
	ROW("test_running", INFO, FLAG("alarm.test.running", "a self-test runs")),

	/* DC systems and the rooms they stand in */
	ROW("rectifier_failed", MAJOR, FLAG("alarm.rectifier.failed", "a rectifier has failed"),
		FLAG("alarm.rectifier.several_failed", "several rectifiers have failed")),
	ROW("output_voltage", CRITICAL, FLAG("alarm.output.voltage_too_low", "the output voltage is close to switching off"),
		FLAG("alarm.output.voltage_too_high", "the output voltage is dangerously high"),
		FLAG("alarm.output.voltage_high", "the output voltage is too high")),
	ROW("output_short", CRITICAL, FLAG("alarm.output.short", "the output is short-circuited")),
	ROW("input_voltage", MAJOR, FLAG("alarm.input.voltage_too_low", "the device is off because its input voltage is too low"),
		FLAG("alarm.input.voltage_too_high", "the device is off because its input voltage is too high")),
	ROW("input_voltage_near", MINOR, FLAG("alarm.input.voltage_low", "the input voltage is low"),
		FLAG("alarm.input.voltage_high", "the input voltage is high")),
	ROW("battery_disconnected", CRITICAL, FLAG("alarm.battery.disconnected", "the battery is disconnected"),
		FLAG("alarm.battery.fuse", "a fuse or breaker of the battery has tripped")),
	ROW("device_critical", CRITICAL, FLAG("alarm.ups.critical", "the device reports a critical alarm")),
	ROW("device_major", MAJOR, FLAG("alarm.ups.major", "the device reports a major alarm")),
	ROW("device_minor", MINOR, FLAG("alarm.ups.minor", "the device reports a minor alarm or a warning")),
	ROW("device_unrecognised", UNKNOWN,
		FLAG("alarm.device.unrecognised", "no profile fits the device: nothing but its system group is read")),
	ROW("door_open", MINOR, FLAG("alarm.door.open", "a door is open")),
	ROW("generator_failed", MAJOR, FLAG("alarm.generator.failed", "the generator has failed")),
	ROW("generator_running", INFO, FLAG("alarm.generator.running", "the generator runs")),
};
// clang-format on

const size_t rule_pack_count = sizeof(rule_pack) / sizeof(rule_pack[0]);
