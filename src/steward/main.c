/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steward - what goes by the clock: publishes the ingest keys to the edge, makes the coming days'
 * partitions, forgets the days past the retention, watches the providers' addresses, and seals anew
 * after a rotation of keys.
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "ipc/ipc.h"
#include "sandbox/sandbox.h"
#include "steward/addresses.h"
#include "steward/audit.h"
#include "steward/keys.h"
#include "steward/rewrap.h"
#include "store/queries.h"
#include "store/store.h"
#include "trail/trail.h"

#define TURN_MS 250
#define DAYS_AHEAD 7
#define CLOCK_STEP_MS 1000

#define ALONE_MS (10 * 60 * 1000) /* without the process that watches the addresses */

static const char *const system_calls[] = {
	/* keyd */
	"recvmsg", "sendmsg",
	/* the key table and the checkpoints, written beside and moved, or added to */
	"fchmod", "fsync", "ftruncate", "rename", "unlink", NULL
};

enum duty_id {
	PUBLISH_KEYS,
	ENSURE_PARTITIONS,
	FORGET_OLD_DAYS,
	WATCH_ADDRESSES,
	AUDIT_MONTHS,
	AUDIT_PRUNE,
	AUDIT_CLOSE,
	REWRAP,
	N_DUTIES
};

struct steward {
	const struct conf *conf;
	struct store *store;
	struct keyd_client *keyd;
	struct key_publisher *keys;
	int addresses_fd; /* < 0: nobody watches them */
	int64_t alone_since_ms;
	struct audit_closer *audit;
	struct rewrapper *rewrapper;
	int64_t wall_ahead_ms; /* of the monotonic clock */
	int64_t due_ms[N_DUTIES];
	bool is_told[N_DUTIES]; /* that it failed; once, until it succeeds */
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

/* What a statement forgets and the event of it: both or neither.  The statement tells a count. */
struct forgetting {
	const char *sql;
	int64_t kept;
	enum audit_name event;
	const char *object_kind;
	const char *told;
};

static enum err
forget_in_transaction(struct steward *s, const struct forgetting *f, int64_t *ret_n)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	char detail[64];
	const struct trail_act act = { .by = AUDIT_BY_STEWARD,
		.name = f->event,
		.outcome = AUDIT_SUCCESS,
		.object_kind = f->object_kind,
		.detail = detail };
	enum err e = store_begin_plain(s->store);

	if (e == ERR_OK)
		e = store_run(s->store, f->sql, (struct store_param[]){ P_INT(f->kept) }, 1, &rows);
	if (e != ERR_OK)
		return e;
	*ret_n = store_int(rows, 0, 0);
	(void)snprintf(detail, sizeof(detail), "%lld partitions, %lld kept", (long long)*ret_n,
	    (long long)f->kept);
	if (*ret_n > 0)
		e = trail_add(s->store, &act);
	return e == ERR_OK ? store_commit(s->store) : e;
}

static enum err
forget(struct steward *s, const struct forgetting *f)
{
	int64_t n = 0;
	enum err e = forget_in_transaction(s, f, &n);

	store_rollback(s->store);
	if (e == ERR_OK && n > 0)
		log_info(f->told, LOG_INT("partitions", n));
	return e;
}

static enum err
forget_old_days(struct steward *s)
{
	return forget(s,
	    &(struct forgetting){ SQL_DROP_PARTITIONS, s->conf->retention_days,
		AUDIT_SENSITIVE_EXPIRED, "conversations", "days_forgotten" });
}

static enum err
prune_audit(struct steward *s)
{
	return forget(s,
	    &(struct forgetting){ SQL_AUDIT_DROP_MONTHS, s->conf->audit_retention_months,
		AUDIT_SYS_AUDIT_PRUNED, "audit_log", "audit_months_forgotten" });
}

static enum err
watch_addresses(struct steward *s)
{
	const struct ipc_head reload = { .type = IPC_SUPERVISOR_EDGE_RELOAD };
	bool moved = false;

	if (s->addresses_fd < 0)
		return ERR_OK;
	if (addresses_moved(s->addresses_fd, &moved) != ERR_OK) {
		log_error("addresses_not_watched", LOG_INT("ends_in_ms", ALONE_MS));
		(void)close(s->addresses_fd);
		s->addresses_fd = -1;
		s->alone_since_ms = clock_monotonic_ms();
		return ERR_OK;
	}
	return moved ? ipc_send(IPC_FD_SUPERVISOR, &reload, STR(""), -1) : ERR_OK;
}

static enum err
audit_months(struct steward *s)
{
	return store_run(s->store, SQL_AUDIT_ENSURE_MONTHS, NULL, 0, NULL);
}

static enum err
close_audit(struct steward *s)
{
	return audit_close(s->audit, s->store, s->keyd);
}

static enum err
rewrap(struct steward *s)
{
	return rewrap_some(s->rewrapper, s->store, s->keyd);
}

/* What is done how often; each row runs at the start, too.  Each leaves the event that it names
 * when it did something, or says why it needs none. */
static const struct duty {
	const char *name;
	enum err (*run)(struct steward *s);
	int64_t every_ms;
	bool needs_store;
	unsigned int event;
	const char *no_event_because;
} duties[N_DUTIES] = {
	[PUBLISH_KEYS] = { "publish_keys", publish_keys, TURN_MS, true, AUDIT_INGEST_KEYS_PUBLISHED,
	    NULL },
	[ENSURE_PARTITIONS] = { "ensure_partitions", ensure_partitions, 3600000, true, 0,
	    "makes empty tables" },
	[FORGET_OLD_DAYS] = { "forget_old_days", forget_old_days, 3600000, true,
	    AUDIT_SENSITIVE_EXPIRED, NULL },
	[WATCH_ADDRESSES] = { "watch_addresses", watch_addresses, TURN_MS, false, 0,
	    "names are the operator's; only their addresses are looked up anew" },
	[AUDIT_MONTHS] = { "audit_months", audit_months, 3600000, true, 0, "makes empty tables" },
	[AUDIT_PRUNE] = { "audit_prune", prune_audit, 3600000, true, AUDIT_SYS_AUDIT_PRUNED, NULL },
	[AUDIT_CLOSE] = { "audit_close", close_audit, 0 /* audit_interval_s */, true, 0,
	    "its checkpoint is the record" },
	[REWRAP] = { "rewrap", rewrap, TURN_MS, true, AUDIT_CRYPT_KEY_REWRAPPED, NULL },
};

/* An hourly duty that failed is tried again at the next turn's minute, not an hour later. */
#define RETRY_MS 5000

static void
do_duty(struct steward *s, enum duty_id id)
{
	const struct duty *duty = &duties[id];
	int64_t now = clock_monotonic_ms();
	int64_t every_ms = id == AUDIT_CLOSE ? s->conf->audit_interval_s * 1000 : duty->every_ms;
	enum err e = duty->run(s);

	s->due_ms[id] = now + every_ms;
	if (e != ERR_OK) {
		s->due_ms[id] = now + (every_ms < RETRY_MS ? every_ms : RETRY_MS);
		if (!s->is_told[id])
			log_warn("duty_failed", LOG_STR("duty", duty->name), LOG_ERR(e),
			    LOG_STR("database",
				duty->needs_store ? store_last_error(s->store) : ""));
	} else if (s->is_told[id]) {
		log_info("duty_goes_on", LOG_STR("duty", duty->name));
	}
	s->is_told[id] = e != ERR_OK;
}

static void
do_what_is_due(struct steward *s)
{
	for (int id = 0; id < N_DUTIES; id++)
		if (s->due_ms[id] <= clock_monotonic_ms() &&
		    (!duties[id].needs_store || store_is_up(s->store)))
			do_duty(s, (enum duty_id)id);
}

/* After a step of the wall clock another day may be today, and the key table may look stale. */
static void
notice_step(struct steward *s)
{
	int64_t ahead_ms = clock_wall_ms() - clock_monotonic_ms(),
		by_ms = ahead_ms - s->wall_ahead_ms;

	s->wall_ahead_ms = ahead_ms;
	if (by_ms < CLOCK_STEP_MS && by_ms > -CLOCK_STEP_MS)
		return;
	memset(s->due_ms, 0, sizeof(s->due_ms));
	keys_publish_anew(s->keys);
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

/* Nothing can be started from in here: the supervisor starts both anew, though not again and again
 * when it is an answer for these names that ends the resolver. */
static bool
is_alone_for_long(const struct steward *s)
{
	return s->addresses_fd < 0 && clock_monotonic_ms() - s->alone_since_ms > ALONE_MS;
}

static void
serve(struct steward *s)
{
	int64_t again_ms = 0;
	bool is_told = false;

	s->wall_ahead_ms = clock_wall_ms() - clock_monotonic_ms();
	while (!is_alone_for_long(s)) {
		if (!store_is_up(s->store))
			reconnect(s->store, &again_ms, &is_told);
		notice_step(s);
		do_what_is_due(s);
		(void)poll(NULL, 0, TURN_MS);
	}
}

/* Nothing goes by the clock before it stands on record that somebody watches it. */
static enum err
record_start(struct steward *s)
{
	const struct trail_act act = { .by = AUDIT_BY_STEWARD,
		.name = AUDIT_SYS_STARTUP,
		.outcome = AUDIT_SUCCESS,
		.object_kind = "process",
		.detail = "steward" };

	return trail_add_alone(s->store, &act);
}

static enum err
run(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP(keyd_client) struct keyd_client *keyd = NULL;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(key_publisher) struct key_publisher *keys = NULL;
	CLEANUP_FD int addresses_fd = -1;
	CLEANUP(audit_closer) struct audit_closer *audit = NULL;
	CLEANUP(rewrapper) struct rewrapper *rewrapper = NULL;
	char run_folder[CONF_PATH_BYTES + 16], pki_folder[CONF_PATH_BYTES + 16];
	const struct sandbox_path paths[] = { { run_folder, true }, { pki_folder, false },
		{ NULL, false } };
	const uint16_t ports[] = { (uint16_t)conf->postgres_port, 0 };
	const struct sandbox sandbox = { .role = "steward",
		.syscalls = system_calls,
		.may_connect = true,
		.ports = ports,
		.paths = paths };
	enum err e = addresses_start(conf, &addresses_fd, reterr);

	if (e == ERR_OK)
		e = keyd_client_new(IPC_FD_KEYD, &keyd);
	(void)snprintf(run_folder, sizeof(run_folder), "%s/run", conf->dir);
	(void)snprintf(pki_folder, sizeof(pki_folder), "%s/pki", conf->dir);
	if (e == ERR_OK)
		e = key_publisher_new(conf->dir, &keys);
	if (e == ERR_OK)
		e = audit_closer_new(conf, &audit, reterr);
	if (e == ERR_OK)
		e = rewrapper_new(&rewrapper);
	if (e == ERR_OK)
		e = store_open(conf, "steward", keyd, &store, reterr);
	if (e == ERR_OK)
		e = sandbox_enter(&sandbox, conf->user_prefix, reterr);
	if (e == ERR_OK) {
		struct steward s = { .conf = conf,
			.store = store,
			.keyd = keyd,
			.keys = keys,
			.addresses_fd = TAKE_FD(addresses_fd),
			.audit = audit,
			.rewrapper = rewrapper };

		e = record_start(&s);
		if (e != ERR_OK)
			return err_set(reterr, e, "the audit log: %s", store_last_error(store));
		log_info("steward_ready");
		serve(&s);
		return err_set(reterr, ERR_IO, "nobody watches the providers' addresses");
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
