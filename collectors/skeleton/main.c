// SPDX-License-Identifier: Apache-2.0
/* The smallest complete collector: copy this folder to start a transport. Its "device" is the clock
 * of this host: every device it is given reports one temperature that follows the seconds, and its
 * name. It is built and tested, but not installed. */
#include <math.h>
#include <string.h>

#include "collectors/collector.h"
#include "common/clock.h"

/* Private state of one device; the host zeroes and frees it. Whatever it points to is ours: freed
 * in skeleton_close(). */
struct skeleton_device {
	unsigned temperature_slot, name_slot;
};

static struct skeleton_device *priv(struct device *d)
{
	return (struct skeleton_device *)d->transport;
}

/* Settings of the process: the host's come first, own ones follow. */
struct skeleton_settings {
	struct collector_settings host;
};
static const struct bb_conf_item schema[] = {
	COLLECTOR_CONF_ITEMS,
	BB_CONF_END,
};

/* The only place that may reject a device. A real transport starts to connect here and sets the
 * layout once it knows the device. */
static int skeleton_open(struct device *d, struct bb_err *err)
{
	struct skeleton_device *s = priv(d);
	uint16_t slot_of[2];

	if (strcmp(d->set.address, "clock"))
		return bb_err_set(err, "address \"%.60s\" is not \"clock\"", d->set.address);
	struct layout_builder *b = layout_builder_new("skeleton");
	int temperature = layout_add(b, "ambient.temperature", GROUP_MEASURE, "seconds");
	int name = layout_add(b, "device.model", GROUP_IDENT, "constant");
	bb_assert(temperature == 0 && name == 1);
	device_set_layout(d, layout_build(b, slot_of));
	s->temperature_slot = slot_of[temperature];
	s->name_slot = slot_of[name];
	return 0;
}

static void skeleton_close(struct device *d)
{
	/* Nothing is held. */
}

/* A real transport sends its request here and calls device_pass_done() or device_pass_failed() when
 * the answer, or none, has come. */
static bool skeleton_poll(struct device *d, unsigned group)
{
	uint64_t now_ns = bb_clock_boot_ns();

	if (group == GROUP_MEASURE)
		device_set_number(d, priv(d)->temperature_slot,
			20 + fmod((double)now_ns / 1e9, 60) / 10, BB_GOOD);
	if (group == GROUP_IDENT)
		device_set_text(d, priv(d)->name_slot, "clock", 5, BB_GOOD);
	device_pass_done(d, group, now_ns);
	return true;
}

static const struct collector_ops skeleton_ops = {
	.name = "collect-skeleton",
	.summary = "reports the seconds of the clock as a temperature",
	.schema = schema,
	.settings_size = sizeof(struct skeleton_settings),
	.device_size = sizeof(struct skeleton_device),
	.open = skeleton_open,
	.close = skeleton_close,
	.poll = skeleton_poll,
};

int main(int argc, char **argv)
{
	return collector_main(&skeleton_ops, argc, argv);
}
