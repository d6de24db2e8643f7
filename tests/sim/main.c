// SPDX-License-Identifier: Apache-2.0
/* fleetsim: thousands of SNMP agents in one process, for demo, tests and benches. It keeps
 * nothing: what happened stands in the truth log. Killed, its devices fall silent; started again,
 * all are on mains. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "common/clock.h"
#include "common/str.h"
#include "tests/sim/control.h"
#include "tests/sim/generate.h"
#include "tests/sim/net.h"

#define MAX_SOURCES 64

struct options {
	const char *fleet[MAX_SOURCES], *agent[MAX_SOURCES];
	size_t n_fleet, n_agent;
	const char *script, *toggle, *outages, *log, *control;
	uint64_t port, seed, dead, lossy;
};

struct sim {
	struct bb_loop *loop;
	struct fleet *fleet;
	struct truth *truth;
	struct net *net;
	struct generate *generate;
	struct control *control;
};

static const char usage[] =
	"usage: fleetsim [option ...]\n"
	"SNMP agents on loopback addresses. See tests/sim/README.md for files, verbs and the control socket.\n"
	"  --fleet FILE          description of the agents (repeatable)\n"
	"  --agent LINE          one line of a description (repeatable)\n"
	"  --port N              UDP port, 0 for a free one (default 1161)\n"
	"  --script FILE         what happens when\n"
	"  --toggle SPEC         SEED,fraction=0.2,min_on_ms=N,max_on_ms=N,min_off_ms=N,max_off_ms=N\n"
	"  --outage-every A-B    every A to B seconds a device goes on battery for 20 to 60 s\n"
	"  --dead N              the last N agents never answer\n"
	"  --lossy N             the N before them hear 70 % of the requests\n"
	"  --seed N              of everything random (default 1)\n"
	"  --log FILE            truth log, JSON lines\n"
	"  --control SOCKET      control socket\n";

static int number(uint64_t *out, const char *name, uint64_t max)
{
	struct bb_err err;

	if (!bb_parse_u64(optarg, name, 0, max, out, &err))
		return 0;
	fprintf(stderr, "fleetsim: %s\n", err.text);
	return -1;
}

static int source(const char **list, size_t *n)
{
	if (*n == MAX_SOURCES) {
		fprintf(stderr, "fleetsim: more than %d descriptions\n", MAX_SOURCES);
		return -1;
	}
	list[(*n)++] = optarg;
	return 0;
}

static int option(struct options *o, int c)
{
	switch (c) {
	case 'f': return source(o->fleet, &o->n_fleet);
	case 'a': return source(o->agent, &o->n_agent);
	case 'p': return number(&o->port, "--port", 65535);
	case 'S': return number(&o->seed, "--seed", UINT64_MAX);
	case 'd': return number(&o->dead, "--dead", FLEET_MAX_AGENTS);
	case 'y': return number(&o->lossy, "--lossy", FLEET_MAX_AGENTS);
	case 's': o->script = optarg; return 0;
	case 't': o->toggle = optarg; return 0;
	case 'o': o->outages = optarg; return 0;
	case 'l': o->log = optarg; return 0;
	case 'c': o->control = optarg; return 0;
	case 'h': fputs(usage, stdout); exit(0);
	default: fputs(usage, stderr); return -1;
	}
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{ "fleet", required_argument, NULL, 'f' },
		{ "agent", required_argument, NULL, 'a' },
		{ "port", required_argument, NULL, 'p' },
		{ "script", required_argument, NULL, 's' },
		{ "toggle", required_argument, NULL, 't' },
		{ "outage-every", required_argument, NULL, 'o' },
		{ "dead", required_argument, NULL, 'd' },
		{ "lossy", required_argument, NULL, 'y' },
		{ "seed", required_argument, NULL, 'S' },
		{ "log", required_argument, NULL, 'l' },
		{ "control", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option(o, c) < 0)
			return -1;
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "fleetsim: unexpected argument \"%s\"\n", argv[optind]);
	return -1;
}

static int fleet_make(struct sim *s, const struct options *o, struct bb_err *err)
{
	uint64_t now_ns = bb_clock_boot_ns();

	s->fleet = fleet_new();
	for (size_t i = 0; i < o->n_fleet; i++) {
		if (fleet_load(s->fleet, o->fleet[i], now_ns, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < o->n_agent; i++) {
		if (fleet_add(s->fleet, o->agent[i], ".", now_ns, err) < 0)
			return bb_err_prefix(err, "--agent");
	}
	return fleet_seal(s->fleet, err);
}

static void on_end(void *arg)
{
	bb_loop_stop(arg);
}

static int start(struct sim *s, const struct options *o, struct bb_err *err)
{
	if (fleet_make(s, o, err) < 0)
		return -1;
	s->loop = bb_loop_new(err);
	s->truth = s->loop ? truth_open(o->log, err) : NULL;
	s->net = s->truth ? net_open(s->loop, s->fleet, (uint16_t)o->port, o->seed, err) : NULL;
	if (!s->net)
		return -1;
	truth_write(s->truth, 0, "start", "", -1);
	s->generate = generate_new(s->loop, s->fleet, s->truth, o->seed);
	if (generate_faults(s->generate, o->dead, o->lossy, err) < 0)
		return -1;
	if ((o->script && generate_script(s->generate, o->script, err) < 0) ||
		(o->toggle && generate_toggle(s->generate, o->toggle, err) < 0) ||
		(o->outages && generate_outages(s->generate, o->outages, err) < 0))
		return -1;
	if (o->control) {
		struct control_options co = { s->fleet, s->truth, s->generate, s->net };

		s->control = control_open(s->loop, o->control, &co, err);
		if (!s->control)
			return -1;
	}
	bb_loop_on_signal(s->loop, SIGTERM, on_end, s->loop);
	bb_loop_on_signal(s->loop, SIGINT, on_end, s->loop);
	return 0;
}

static void stop(struct sim *s)
{
	control_close(s->control);
	generate_free(s->generate);
	net_close(s->net);
	truth_close(s->truth);
	bb_loop_free(s->loop);
	fleet_free(s->fleet);
}

int main(int argc, char **argv)
{
	struct options o = { .port = 1161, .seed = 1 };
	struct sim s = { 0 };
	struct bb_err err = { .text = "" };
	int rc = 0;

	if (options_parse(&o, argc, argv) < 0)
		return 2;
	if (start(&s, &o, &err) < 0) {
		fprintf(stderr, "fleetsim: %s\n", err.text);
		rc = 1;
	} else {
		printf("fleetsim: ready, port %u, agents %zu\n", net_port(s.net),
			fleet_count(s.fleet));
		fflush(stdout);
		sd_notify(0, "READY=1");
		bb_loop_run(s.loop);
		truth_write(s.truth, 0, "stop", "", -1);
	}
	stop(&s);
	return rc;
}
