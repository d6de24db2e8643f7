// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/fleet.h"

#include <arpa/inet.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"
#include "common/table.h"
#include "tests/sim/recording.h"
#include "tests/sim/ups.h"

#define DEFAULT_MTU 1472 /* what a card on Ethernet can say in one frame */

struct fleet {
	struct agent *agent;
	size_t n, cap;
	struct bb_table *recordings; /* by file, shared by the agents */
};

/* One parsed line. */
struct entry {
	uint32_t first, last;
	const char *model, *community, *file;
	uint64_t phases, delay_ms, mtu, runtime_s;
	double loss_pct;
};

struct fleet *fleet_new(void)
{
	struct fleet *f = bb_calloc(1, sizeof(*f));

	f->recordings = bb_table_new();
	return f;
}

static void recording_release(void *r)
{
	recording_free(r);
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		agent_fini(&f->agent[i]);
	free(f->agent);
	bb_table_free(f->recordings, recording_release);
	free(f);
}

/* ---- addresses ---- */

const char *fleet_address(uint32_t address, char *buf)
{
	snprintf(buf, 16, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
		address & 255);
	return buf;
}

static int address_parse(const char *text, uint32_t *address, struct bb_err *err)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return bb_err_set(err, "\"%s\" is no IPv4 address", text);
	*address = ntohl(in.s_addr);
	if (*address >> 24 != 127)
		return bb_err_set(err, "\"%s\" is not on loopback; use 127.x.y.z", text);
	return 0;
}

int fleet_range(const char *text, uint32_t *first, uint32_t *last, struct bb_err *err)
{
	char from[64];
	const char *dash = strchr(text, '-');

	if (!dash) {
		*last = 0;
		if (address_parse(text, first, err) < 0)
			return -1;
		*last = *first;
		return 0;
	}
	if ((size_t)(dash - text) >= sizeof(from))
		return bb_err_set(err, "\"%s\" is no range of addresses", text);
	memcpy(from, text, (size_t)(dash - text));
	from[dash - text] = '\0';
	if (address_parse(from, first, err) < 0 || address_parse(dash + 1, last, err) < 0)
		return -1;
	if (*last < *first)
		return bb_err_set(err, "range \"%s\" ends before it begins", text);
	return 0;
}

/* ---- description ---- */

static int option(struct entry *e, char *word, struct bb_err *err)
{
	char *value = strchr(word, '=');

	if (!value)
		return bb_err_set(err, "\"%s\" is not name=value", word);
	*value++ = '\0';
	if (!strcmp(word, "model"))
		e->model = value;
	else if (!strcmp(word, "community"))
		e->community = value;
	else if (!strcmp(word, "file"))
		e->file = value;
	else if (!strcmp(word, "phases"))
		return bb_parse_u64(value, "phases", 1, 3, &e->phases, err);
	else if (!strcmp(word, "delay_ms"))
		return bb_parse_u64(value, "delay_ms", 0, 60000, &e->delay_ms, err);
	else if (!strcmp(word, "mtu"))
		return bb_parse_u64(value, "mtu", 128, BER_MAX_MESSAGE, &e->mtu, err);
	else if (!strcmp(word, "runtime_s"))
		return bb_parse_u64(value, "runtime_s", 60, 86400, &e->runtime_s, err);
	else if (!strcmp(word, "loss")) {
		if (bb_parse_double(value, &e->loss_pct) < 0 || e->loss_pct < 0 ||
			e->loss_pct > 100)
			return bb_err_set(err, "loss \"%s\" is not 0..100 percent", value);
	} else {
		return bb_err_set(err, "unknown option \"%s\"", word);
	}
	return 0;
}

static int entry_parse(struct entry *e, char *line, struct bb_err *err)
{
	char *save = NULL, *word = strtok_r(line, " \t", &save);

	*e = (struct entry){ .model = "rfc1628",
		.community = "public",
		.phases = 1,
		.mtu = DEFAULT_MTU };
	if (fleet_range(word, &e->first, &e->last, err) < 0)
		return -1;
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (option(e, word, err) < 0)
			return -1;
	}
	if (e->phases == 2)
		return bb_err_set(err, "phases is 1 or 3");
	if (strcmp(e->model, "rfc1628") != 0 && strcmp(e->model, "recording") != 0)
		return bb_err_set(err, "unknown model \"%s\"; there are rfc1628 and recording",
			e->model);
	if (!strcmp(e->model, "recording") != (e->file != NULL))
		return bb_err_set(err, "model=recording needs file=FILE, and no other model does");
	if (strlen(e->community) >= sizeof(((struct agent *)0)->community))
		return bb_err_set(err, "the community is too long");
	return 0;
}

static const struct recording *recording_of(struct fleet *f, const char *file, const char *folder,
	struct bb_err *err)
{
	char path[512];
	struct recording *r;

	if (snprintf(path, sizeof(path), "%s%s%s", file[0] == '/' ? "" : folder,
		    file[0] == '/' ? "" : "/", file) >= (int)sizeof(path))
		return bb_err_null(err, "the path of \"%s\" is too long", file);
	r = bb_table_get(f->recordings, path);
	if (r)
		return r;
	r = recording_load(path, err);
	if (r)
		bb_table_put(f->recordings, path, r);
	return r;
}

static void agent_add(struct fleet *f, const struct entry *e, uint32_t address,
	const struct recording *r, uint64_t now_ns)
{
	struct agent *a;

	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 64;
		f->agent = bb_realloc(f->agent, f->cap * sizeof(*f->agent));
	}
	a = &f->agent[f->n++];
	*a = (struct agent){
		.address = address,
		.model = r ? &recording_model : &ups_model,
		.recording = r,
		.ups = r ? NULL
			 : ups_new(address, (unsigned)e->phases, (uint32_t)e->runtime_s, now_ns),
		.delay_ms = (uint32_t)e->delay_ms,
		.loss_pct = e->loss_pct,
		.max_message = (uint32_t)e->mtu,
		.restarted_ns = now_ns,
	};
	bb_copy(a->community, sizeof(a->community), e->community);
}

int fleet_add(struct fleet *f, const char *line, const char *folder, uint64_t now_ns,
	struct bb_err *err)
{
	bb_autofree char *copy = bb_strdup(line);
	const struct recording *r = NULL;
	struct entry e;

	copy[strcspn(copy, "#\r\n")] = '\0';
	if (!copy[strspn(copy, " \t")])
		return 0;
	if (entry_parse(&e, copy, err) < 0)
		return -1;
	if (e.last - e.first >= FLEET_MAX_AGENTS - f->n)
		return bb_err_set(err, "more than %d agents", FLEET_MAX_AGENTS);
	if (e.file && !(r = recording_of(f, e.file, folder, err)))
		return -1;
	for (uint32_t address = e.first; address <= e.last; address++)
		agent_add(f, &e, address, r, now_ns);
	return 0;
}

int fleet_load(struct fleet *f, const char *file, uint64_t now_ns, struct bb_err *err)
{
	bb_autofree char *path = bb_strdup(file);
	const char *folder = dirname(path);
	FILE *in = fopen(file, "re");
	char *line = NULL;
	size_t cap = 0;
	unsigned number = 0;
	int rc = 0;

	if (!in)
		return bb_err_errno(err, "cannot open fleet description \"%s\"", file);
	while (!rc && getline(&line, &cap, in) >= 0) {
		number++;
		rc = fleet_add(f, line, folder, now_ns, err);
	}
	if (rc)
		bb_err_prefix(err, "%s:%u", file, number);
	else if (ferror(in))
		rc = bb_err_errno(err, "cannot read fleet description \"%s\"", file);
	free(line);
	fclose(in);
	return rc;
}

static int by_address(const void *a, const void *b)
{
	const struct agent *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

int fleet_seal(struct fleet *f, struct bb_err *err)
{
	char text[16];

	if (!f->n)
		return bb_err_set(err, "the fleet is empty; give --fleet FILE or --agent LINE");
	qsort(f->agent, f->n, sizeof(*f->agent), by_address);
	for (size_t i = 1; i < f->n; i++) {
		if (f->agent[i].address == f->agent[i - 1].address)
			return bb_err_set(err, "address %s is there twice",
				fleet_address(f->agent[i].address, text));
	}
	return 0;
}

size_t fleet_count(const struct fleet *f)
{
	return f->n;
}

struct agent *fleet_at(struct fleet *f, size_t i)
{
	return &f->agent[i];
}

struct agent *fleet_find(struct fleet *f, uint32_t address)
{
	struct agent key = { .address = address };

	return bsearch(&key, f->agent, f->n, sizeof(*f->agent), by_address);
}
