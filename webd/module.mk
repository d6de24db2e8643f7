# SPDX-License-Identifier: Apache-2.0
PROGRAMS += webd
# The preview of rules runs the core of alarmd, the part without I/O.
webd_SRCS := $(wildcard webd/*.c) $(alarmd_CORE)
webd_PKGS := jansson libevent

UNIT_TESTS += test_uri test_webd_auth test_webd_password test_webd_input test_webd_model
test_uri_SRCS := tests/unit/test_uri.c webd/uri.c
test_webd_auth_SRCS := tests/unit/test_webd_auth.c webd/auth.c webd/route.c webd/session.c webd/users.c
test_webd_auth_PKGS := jansson
test_webd_password_SRCS := tests/unit/test_webd_password.c webd/password.c webd/throttle.c
test_webd_input_SRCS := tests/unit/test_webd_input.c webd/list.c webd/fields.c webd/plan_input.c webd/group_input.c \
	webd/event_filter.c $(alarmd_RULES)
test_webd_input_PKGS := jansson
test_webd_model_SRCS := tests/unit/test_webd_model.c webd/model.c webd/model_bus.c webd/model_groups.c webd/model_config.c webd/model_list.c webd/ring.c \
	webd/http.c webd/uri.c
test_webd_model_PKGS := jansson

UNIT_TESTS += test_chart
test_chart_SRCS := tests/unit/test_chart.c webd/chart.c webd/bands.c

FUZZERS += fuzz_http_path fuzz_json_api fuzz_event_filter
fuzz_event_filter_SRCS := tests/fuzz/fuzz_event_filter.c webd/event_filter.c webd/list.c
fuzz_event_filter_PKGS := jansson
fuzz_http_path_SRCS := tests/fuzz/fuzz_http_path.c webd/uri.c webd/route.c webd/auth.c webd/users.c webd/session.c
fuzz_http_path_PKGS := jansson
fuzz_json_api_SRCS := tests/fuzz/fuzz_json_api.c webd/list.c webd/fields.c webd/plan_input.c webd/group_input.c \
	$(alarmd_RULES)
fuzz_json_api_PKGS := jansson
