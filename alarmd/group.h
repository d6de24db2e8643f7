// SPDX-License-Identifier: Apache-2.0
/* A tree of groups: worst member and counts for every prefix of every path ("de", "de/hamburg",
 * "de/hamburg/b"). The sites are one such tree; the device groups that people name are another one,
 * of one level.
 *
 * A member counts once in its own group and in every group above it. An object (a redundancy group)
 * is no member: it makes its groups as bad as it is, and is counted nowhere. Invariant: in each
 * group the entries of by_severity add up to members, and the numbers are a pure function of who
 * joined with what. A group without members below it is forgotten at the next group_tree_sweep(). Nothing here
 * blocks; only new paths allocate. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUP_SEVERITIES 7 /* proto Severity 0..6; 0 is not used */

struct group {
	char *key;
	char *name;       /* of the site, else the last segment */
	uint64_t site_id; /* or the device group's id; 0: only a prefix of others */
	struct group *parent;
	uint32_t members;
	uint32_t unack; /* members and objects with an unacknowledged alarm */
	uint32_t by_severity[GROUP_SEVERITIES];
	uint32_t objects[GROUP_SEVERITIES]; /* by severity */
	const char *plane;                  /* of its topic; of the tree */
	bool is_dirty;     /* on the changed list */
	bool is_published; /* for the publisher: somebody was told */
	uint64_t jseq;     /* newest transition that moved a number in here */
	struct group *next_changed;
};

struct group_tree;
struct group_tree *group_tree_new(void);
/* First word of the topics of its groups; "group" when nobody says otherwise. A literal. */
void group_tree_set_plane(struct group_tree *t, const char *plane);
void group_tree_free(struct group_tree *t);
/* The group of that path, made with all groups above it. Borrowed from the tree. */
struct group *group_get(struct group_tree *t, const char *key);
struct group *group_find(const struct group_tree *t, const char *key);
void group_set_site(struct group_tree *t, struct group *g, uint64_t site_id, const char *name);

/* What a member adds to its groups. */
struct group_share {
	uint8_t severity;
	bool unack;
	bool is_object;
};
void group_join(struct group_tree *t, struct group *g, struct group_share s);
void group_leave(struct group_tree *t, struct group *g, struct group_share s);
/* Changed share of a member that stays; `jseq` is of the transition behind it, 0 when there is
 * none. */
void group_change(struct group_tree *t, struct group *g, struct group_share old,
	struct group_share now, uint64_t jseq);

/* Something else about the group changed: it goes on the changed list. */
void group_touch(struct group_tree *t, struct group *g);

/* Worst severity below, objects included; normal when there is nothing. */
unsigned group_worst(const struct group *g);
/* Take every changed group with jseq <= durable off the list, one call each. */
void group_flush_changed(struct group_tree *t, uint64_t durable_jseq,
	void (*cb)(void *arg, struct group *g), void *arg);
/* Visit every group. */
void group_each(const struct group_tree *t, void (*cb)(void *arg, struct group *g), void *arg);
/* Forget groups without members, site and children; `gone` runs before. */
void group_tree_sweep(struct group_tree *t, void (*gone)(void *arg, const struct group *g),
	void *arg);
