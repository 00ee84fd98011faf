/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch - what goes wrong with the machine while we run: the disk fills, the clock steps, a
 * certificate comes to its end.  Each trouble is said once, with its remedy, and stands in
 * run/status.json, which `rendfly status` shows, until it is over.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "supervisor/supervisor.h"

#define CLOCK_STEP_MS 2000
#define STEP_SHOWN_MS 600000
#define CERTIFICATE_DAYS 14

static enum err
watch_disk(struct supervisor *s, struct err_detail *reterr)
{
	return checks_disk(&s->conf, reterr);
}

static enum err
watch_clock(struct supervisor *s, struct err_detail *reterr)
{
	int64_t now = clock_monotonic_ms(), ahead_ms = clock_wall_ms() - now;
	int64_t by_ms = s->wall_ahead_ms == 0 ? 0 : ahead_ms - s->wall_ahead_ms;

	s->wall_ahead_ms = ahead_ms;
	if (by_ms >= CLOCK_STEP_MS || by_ms <= -CLOCK_STEP_MS) {
		s->stepped_at_ms = now;
		s->stepped_by_ms = by_ms;
		s->watches[WATCH_CERTIFICATES].due_ms = 0;
	}
	if (s->stepped_at_ms == 0 || now - s->stepped_at_ms > STEP_SHOWN_MS)
		return ERR_OK;
	return err_set(reterr, ERR_CONFLICT,
	    "the system clock was set %s by %lld s (or the machine slept): people may have to log in again, "
	    "and times before and after do not compare; let chrony or systemd-timesyncd keep it",
	    s->stepped_by_ms > 0 ? "forward" : "back",
	    (long long)((s->stepped_by_ms > 0 ? s->stepped_by_ms : -s->stepped_by_ms) + 500) /
		1000);
}

static enum err
watch_certificates(struct supervisor *s, struct err_detail *reterr)
{
	return checks_certificates(&s->conf, CERTIFICATE_DAYS, reterr);
}

static const struct {
	const char *name;
	enum err (*look)(struct supervisor *s, struct err_detail *reterr);
	int64_t every_ms;
} kinds[N_WATCHES] = {
	[WATCH_DISK] = { "disk", watch_disk, 1000 },
	[WATCH_CLOCK] = { "clock", watch_clock, 1000 },
	[WATCH_CERTIFICATES] = { "certificates", watch_certificates, 3600000 },
};

/* Figures in the text may move on; only that there is trouble is news. */
static void
take_result(struct supervisor *s, enum watch_id id, const struct err_detail *now)
{
	struct watch *w = &s->watches[id];
	bool was_trouble = w->trouble.text[0] != '\0', is_trouble = now->text[0] != '\0';

	if (strcmp(w->trouble.text, now->text) == 0)
		return;
	w->trouble = *now;
	if (is_trouble && (!was_trouble || id == WATCH_CLOCK))
		logs_say(s, "trouble", kinds[id].name, now->text);
	if (!is_trouble)
		logs_say(s, "trouble_is_over", kinds[id].name, "");
	status_write(s);
}

void
watch_machine(struct supervisor *s)
{
	for (int id = 0; id < N_WATCHES; id++) {
		struct err_detail detail = { "" };
		int64_t now = clock_monotonic_ms();

		if (s->watches[id].due_ms > now)
			continue;
		s->watches[id].due_ms = now + kinds[id].every_ms;
		if (kinds[id].look(s, &detail) == ERR_OK)
			detail.text[0] = '\0';
		take_result(s, (enum watch_id)id, &detail);
	}
}
