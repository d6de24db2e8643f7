# SPDX-License-Identifier: Apache-2.0
# alarmd_RULES is pure: rules as data and what readings mean to them. webd previews rules with it.
alarmd_RULES := alarmd/state.c alarmd/rule.c alarmd/rule_read.c alarmd/track.c alarmd/pack.c alarmd/rule_compile.c \
	alarmd/ruleset.c
# alarmd_CORE is the part without I/O, which the replay runner and the tests share.
alarmd_CORE := $(alarmd_RULES) alarmd/group.c alarmd/group_named.c alarmd/kofn.c alarmd/redundancy.c alarmd/redundancy_config.c \
	alarmd/redundancy_alarm.c alarmd/redundancy_watch.c alarmd/core.c alarmd/eval.c alarmd/level.c alarmd/assign.c alarmd/comm.c \
	alarmd/inventory.c alarmd/ack.c alarmd/shelve.c alarmd/quiet.c alarmd/words.c alarmd/maintenance.c \
	alarmd/parent.c alarmd/chatter.c alarmd/flood.c alarmd/trial.c alarmd/event.c alarmd/record.c
PROGRAMS += alarmd
alarmd_SRCS := $(alarmd_CORE) alarmd/main.c alarmd/store.c alarmd/publish.c alarmd/command.c alarmd/config.c \
	alarmd/config_read.c alarmd/project.c alarmd/project_row.c alarmd/refill.c alarmd/lost.c alarmd/dump.c alarmd/feed.c alarmd/host_clock.c \
	alarmd/redundancy_json.c
alarmd_PKGS := libpq

# No clock that is right says less than this: when the newest change was made, or what the packager says.
BUILD_EPOCH := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),1790000000)
$(B)/alarmd/host_clock.o: CPPFLAGS += -DBUSBAR_BUILD_EPOCH=$(BUILD_EPOCH)

UNIT_TESTS += test_life test_alarm_state test_rule test_group test_core test_ack test_event test_record test_alarm_random test_replay
test_alarm_state_SRCS := tests/unit/test_alarm_state.c alarmd/state.c
test_rule_SRCS := tests/unit/test_rule.c $(alarmd_RULES)
test_group_SRCS := tests/unit/test_group.c alarmd/group.c
test_life_SRCS := tests/unit/test_life.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
test_core_SRCS := tests/unit/test_core.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
test_ack_SRCS := tests/unit/test_ack.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
test_event_SRCS := tests/unit/test_event.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
test_record_SRCS := tests/unit/test_record.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
test_alarm_random_SRCS := tests/unit/test_alarm_random.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c tests/lib/alarm_model.c tests/lib/alarm_history.c $(alarmd_CORE)
test_replay_SRCS := tests/unit/test_replay.c tests/replay/scenario.c tests/replay/scenario_expect.c tests/replay/scenario_life.c notifyd/route.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
TOOLS += replay
replay_SRCS := tests/replay/replay_tool.c tests/replay/scenario.c tests/replay/scenario_expect.c tests/replay/scenario_life.c notifyd/route.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
FUZZERS += fuzz_alarm_snapshot
fuzz_alarm_snapshot_SRCS := tests/fuzz/fuzz_alarm_snapshot.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)

UNIT_TESTS += test_host_clock
test_host_clock_SRCS := tests/unit/test_host_clock.c alarmd/host_clock.c

UNIT_TESTS += test_kofn test_redundancy_random
test_kofn_SRCS := tests/unit/test_kofn.c alarmd/kofn.c
test_redundancy_random_SRCS := tests/unit/test_redundancy_random.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
UNIT_TESTS += test_parent_random
test_parent_random_SRCS := tests/unit/test_parent_random.c notifyd/route.c tests/lib/alarm_world.c tests/lib/alarm_groups.c tests/lib/alarm_life.c $(alarmd_CORE)
