/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steward - what goes by the clock: publishes the ingest keys to the edge, makes the coming days'
 * partitions, forgets the days past the retention, and watches the providers' addresses.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "sandbox/sandbox.h"
#include "steward/addresses.h"
#include "steward/keys.h"
#include "store/queries.h"
#include "store/store.h"

#define TURN_MS 250
#define DAYS_AHEAD 7

/* What is done how often; each row runs at the start, too. */
struct steward {
	const struct conf *conf;
	struct store *store;
	struct keyd_client *keyd;
	struct key_publisher *keys;
	struct address_watch *addresses;
};

static enum err
publish_keys(struct steward *s)
{
	return keys_publish_if_due(s->keys, s->store, s->keyd);
}

static enum err
ensure_partitions(struct steward *s)
{
	const struct store_param days = P_INT(DAYS_AHEAD);

	return store_run(s->store, SQL_ENSURE_PARTITIONS, &days, 1, NULL);
}

static enum err
forget_old_days(struct steward *s)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_param days = P_INT(s->conf->retention_days);
	enum err e = store_run(s->store, SQL_DROP_PARTITIONS, &days, 1, &rows);

	if (e == ERR_OK && store_int(rows, 0, 0) > 0)
		log_info("days_forgotten", LOG_INT("partitions", store_int(rows, 0, 0)));
	return e;
}

static enum err
watch_addresses(struct steward *s)
{
	return addresses_check(s->addresses, s->conf);
}

static const struct duty {
	const char *name;
	enum err (*run)(struct steward *s);
	int64_t every_ms;
	bool needs_store;
} duties[] = {
	{ "publish_keys", publish_keys, TURN_MS, true },
	{ "ensure_partitions", ensure_partitions, 3600000, true },
	{ "forget_old_days", forget_old_days, 3600000, true },
	{ "watch_addresses", watch_addresses, 60000, false },
};

#define N_DUTIES (sizeof(duties) / sizeof(duties[0]))

/* An hourly duty that failed is tried again at the next turn's minute, not an hour later. */
#define RETRY_MS 5000

static void
do_what_is_due(struct steward *s, int64_t due_ms[static N_DUTIES])
{
	for (size_t i = 0; i < N_DUTIES; i++) {
		int64_t now = clock_monotonic_ms();
		enum err e;

		if (due_ms[i] > now || (duties[i].needs_store && !store_is_up(s->store)))
			continue;
		e = duties[i].run(s);
		due_ms[i] = now + duties[i].every_ms;
		if (e == ERR_OK)
			continue;
		log_warn("duty_failed", LOG_STR("duty", duties[i].name), LOG_ERR(e),
		    LOG_STR("database", duties[i].needs_store ? store_last_error(s->store) : ""));
		due_ms[i] = now + (duties[i].every_ms < RETRY_MS ? duties[i].every_ms : RETRY_MS);
	}
}

static void
reconnect(struct store *store, int64_t *again_ms, bool *is_told)
{
	struct err_detail detail = { "" };
	int64_t now = clock_monotonic_ms();

	if (now < *again_ms)
		return;
	*again_ms = now + 1000;
	if (store_reconnect(store, &detail) == ERR_OK)
		log_info("database_is_back");
	else if (!*is_told)
		log_warn("database_is_away", LOG_STR("cause", detail.text));
	*is_told = !store_is_up(store);
}

static void
serve(struct steward *s)
{
	const struct timespec turn = { .tv_nsec = TURN_MS * 1000000L };
	int64_t due_ms[N_DUTIES] = { 0 }, again_ms = 0;
	bool is_told = false;

	for (;;) {
		if (!store_is_up(s->store))
			reconnect(s->store, &again_ms, &is_told);
		do_what_is_due(s, due_ms);
		(void)nanosleep(&turn, NULL);
	}
}

static enum err
run(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP(keyd_client) struct keyd_client *keyd = NULL;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(key_publisher) struct key_publisher *keys = NULL;
	CLEANUP(address_watch) struct address_watch *addresses = NULL;
	char run_folder[CONF_PATH_BYTES + 16], pki_folder[CONF_PATH_BYTES + 16];
	const struct sandbox_path paths[] = { { run_folder, true }, { pki_folder, false },
		/* what the resolver reads */
		{ "/etc", false }, { "/usr/lib", false }, { NULL, false } };
	const struct sandbox sandbox = { .role = "steward", .may_connect = true, .paths = paths };
	enum err e = keyd_client_new(IPC_FD_KEYD, &keyd);

	(void)snprintf(run_folder, sizeof(run_folder), "%s/run", conf->dir);
	(void)snprintf(pki_folder, sizeof(pki_folder), "%s/pki", conf->dir);
	if (e == ERR_OK)
		e = key_publisher_new(conf->dir, &keys);
	if (e == ERR_OK)
		e = address_watch_new(&addresses);
	if (e == ERR_OK)
		e = sandbox_enter(&sandbox, conf->user_prefix, reterr);
	if (e == ERR_OK)
		e = store_open(conf, "steward", keyd, &store, reterr);
	if (e == ERR_OK) {
		struct steward s = { conf, store, keyd, keys, addresses };

		log_info("steward_ready");
		serve(&s);
	}
	return e;
}

int
steward_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct conf conf;
	enum err e;

	log_open("steward");
	if (argc != 3 || strcmp(argv[1], "--dir") != 0) {
		(void)fprintf(stderr,
		    "usage: rendfly steward --dir DIR   (the supervisor starts it)\n");
		return 2;
	}
	e = conf_load(argv[2], &conf, &detail);
	if (e == ERR_OK)
		e = run(&conf, &detail);
	log_error("steward_failed",
	    LOG_STR("cause", detail.text[0] != '\0' ? detail.text : err_text(e)));
	return 1;
}
