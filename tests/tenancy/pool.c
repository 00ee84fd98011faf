/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool - random workspaces over connections that are used again and again, as the serving processes
 * do it (lib/store), with transactions that are aborted, cancelled and killed in between.  Each row
 * that is read carries its workspace, and is compared with the one that was asked for.
 *
 * usage: tenancy-pool DIR TRANSACTIONS SEED [confuse]   workspaces on standard input, one a line
 *
 * It stands in for keyd (link option --wrap) with the key 00 01 … 1f.  `confuse` has every
 * hundredth context minted for another workspace, to see that this is noticed.
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "seal/seal.h"
#include "store/parts.h"

#define CONNECTIONS 16
#define MAX_WORKSPACES 64

#define SQL_READ "select workspace_id from app.messages"
#define SQL_READ_MORE "select workspace_id from app.projects"
#define SQL_FAIL "select workspace_id from app.projects where 1 / (length(name) - length(name)) = 1"
#define SQL_WAIT "select workspace_id, pg_sleep(30)::text from app.projects"

enum kind {
	COMMITTED,
	PIPELINED,
	ROLLED_BACK,
	FAILED,
	CANCELLED,
	KILLED,
	WITHOUT_CONTEXT,
	N_KINDS
};

static const struct {
	const char *name;
	unsigned int percent;
} kinds[N_KINDS] = { [COMMITTED] = { "committed", 36 },
	[PIPELINED] = { "pipelined", 35 },
	[ROLLED_BACK] = { "rolled_back", 10 },
	[FAILED] = { "failed", 10 },
	[CANCELLED] = { "cancelled", 5 },
	[KILLED] = { "killed", 1 },
	[WITHOUT_CONTEXT] = { "without_context", 3 } };

struct soak {
	struct conf conf;
	struct uuid workspaces[MAX_WORKSPACES];
	size_t n_workspaces;
	bool confuses;
	atomic_long left;
	atomic_long done[N_KINDS], rows, foreign, unexpected;
};

struct client {
	struct soak *soak;
	struct store *store;
	uint64_t random;
	pthread_mutex_t lock;
	bool is_waiting; /* to be cancelled; under lock, so that no cancel comes late */
	atomic_bool is_over;
};

static _Thread_local struct client *current;

static uint64_t
next_random(struct client *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

static const struct uuid *
any_workspace(struct client *c)
{
	return &c->soak->workspaces[next_random(c) % c->soak->n_workspaces];
}

/* ---- keyd */

enum err __wrap_keyd_context(struct keyd_client *k, const struct uuid *workspace, uint32_t pid,
    char ret_context[static KEYD_CONTEXT_BYTES]);

enum err
__wrap_keyd_context(struct keyd_client *k, const struct uuid *workspace, uint32_t pid,
    char ret_context[static KEYD_CONTEXT_BYTES])
{
	char id[UUID_TEXT_BYTES], hex[65];
	uint8_t key[32], mac[32];
	int len;
	enum err e;

	(void)k;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	if (current->soak->confuses && next_random(current) % 100 == 0)
		workspace = any_workspace(current);
	uuid_format(workspace, id);
	len = snprintf(ret_context, KEYD_CONTEXT_BYTES, "%s|rendfly_api|%" PRIu32 "|%" PRId64, id,
	    pid, clock_wall_ms() / 1000 + KEYD_CONTEXT_TTL_S);
	e = seal_hmac_sha256((struct str){ (const char *)key, sizeof(key) },
	    (struct str){ ret_context, (size_t)len }, mac);
	if (e != ERR_OK)
		return e;
	hex_encode(mac, sizeof(mac), hex);
	(void)snprintf(ret_context + len, (size_t)(KEYD_CONTEXT_BYTES - len), "|%s", hex);
	return ERR_OK;
}

/* ---- one transaction */

static void
compare(struct client *c, const struct uuid *wanted, const struct store_rows *rows)
{
	for (size_t i = 0; i < store_row_count(rows); i++) {
		struct uuid got = store_uuid(rows, i, 0);

		atomic_fetch_add(&c->soak->rows, 1);
		if (!uuid_equals(&got, wanted))
			atomic_fetch_add(&c->soak->foreign, 1);
	}
}

static enum err
read_rows(struct client *c, const struct uuid *wanted, const char *sql)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(c->store, sql, NULL, 0, &rows);

	if (e == ERR_OK)
		compare(c, wanted, rows);
	return e;
}

static bool
run_pipelined(struct client *c, const struct uuid *w)
{
	CLEANUP(store_rows) struct store_rows *first = NULL, *second = NULL;
	const struct store_statement statements[] = { { SQL_READ, NULL, 0, &first },
		{ SQL_READ_MORE, NULL, 0, &second } };

	if (store_transact(c->store, w, statements, 2) != ERR_OK)
		return false;
	compare(c, w, first);
	compare(c, w, second);
	return store_row_count(first) > 0;
}

static bool
run_without_context(struct client *c)
{
	enum err e = store_begin_plain(c->store);

	if (e == ERR_OK)
		e = read_rows(c, &(struct uuid){ 0 }, SQL_READ);
	store_rollback(c->store);
	return e == ERR_DENIED;
}

static void
say_waiting(struct client *c, bool is_waiting)
{
	(void)pthread_mutex_lock(&c->lock);
	c->is_waiting = is_waiting;
	(void)pthread_mutex_unlock(&c->lock);
}

/* Whether it came as it must. */
static bool
run_one(struct client *c, enum kind kind, const struct uuid *w)
{
	enum err e;

	if (kind == PIPELINED)
		return run_pipelined(c, w);
	if (kind == WITHOUT_CONTEXT)
		return run_without_context(c);
	if (store_begin(c->store, w) != ERR_OK || read_rows(c, w, SQL_READ) != ERR_OK)
		return false;
	if (kind == COMMITTED)
		return store_commit(c->store) == ERR_OK;
	if (kind == FAILED)
		return read_rows(c, w, SQL_FAIL) == ERR_MALFORMED &&
		    store_commit(c->store) == ERR_CONFLICT;
	if (kind == KILLED)
		(void)kill(PQbackendPID(c->store->connection), SIGTERM);
	say_waiting(c, kind == CANCELLED);
	e = kind == ROLLED_BACK ? ERR_BUSY : read_rows(c, w, SQL_WAIT);
	say_waiting(c, false);
	store_rollback(c->store);
	return e == ERR_BUSY && store_is_up(c->store) == (kind != KILLED);
}

static enum kind
any_kind(struct client *c)
{
	unsigned int at = (unsigned int)(next_random(c) % 100);

	for (enum kind kind = COMMITTED; kind < N_KINDS; kind++) {
		if (at < kinds[kind].percent)
			return kind;
		at -= kinds[kind].percent;
	}
	return COMMITTED;
}

static void *
work(void *closure)
{
	struct client *c = closure;

	current = c;
	while (atomic_fetch_sub(&c->soak->left, 1) > 0) {
		enum kind kind = any_kind(c);

		if (run_one(c, kind, any_workspace(c)))
			atomic_fetch_add(&c->soak->done[kind], 1);
		else
			atomic_fetch_add(&c->soak->unexpected, 1);
		store_rollback(c->store);
		if (!store_is_up(c->store) && store_reconnect(c->store, NULL) != ERR_OK)
			break;
	}
	atomic_store(&c->is_over, true);
	return NULL;
}

/* ---- cancelling */

static void
cancel_if_waiting(struct client *c)
{
	PGcancel *cancel = NULL;
	char why[256];

	(void)pthread_mutex_lock(&c->lock);
	if (c->is_waiting)
		cancel = PQgetCancel(c->store->connection);
	if (cancel != NULL)
		(void)PQcancel(cancel, why, sizeof(why));
	PQfreeCancel(cancel);
	(void)pthread_mutex_unlock(&c->lock);
}

/* Until all are over; a cancel that comes too early for its statement is sent again. */
static void
cancel_those_that_wait(struct client *clients)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	size_t over = 0;

	while (over < CONNECTIONS) {
		over = 0;
		for (size_t i = 0; i < CONNECTIONS; i++) {
			over += atomic_load(&clients[i].is_over);
			cancel_if_waiting(&clients[i]);
		}
		(void)nanosleep(&pause, NULL);
	}
}

static int
report(const struct soak *s)
{
	(void)printf("{\"rows\":%ld,\"foreign\":%ld,\"unexpected\":%ld", atomic_load(&s->rows),
	    atomic_load(&s->foreign), atomic_load(&s->unexpected));
	for (size_t i = 0; i < N_KINDS; i++)
		(void)printf(",\"%s\":%ld", kinds[i].name, atomic_load(&s->done[i]));
	(void)printf("}\n");
	return 0;
}

static int
soak(struct soak *s, uint64_t seed)
{
	static struct client clients[CONNECTIONS];
	pthread_t threads[CONNECTIONS];
	struct err_detail why = { "" };

	for (size_t i = 0; i < CONNECTIONS; i++) {
		clients[i].soak = s;
		(void)pthread_mutex_init(&clients[i].lock, NULL);
		clients[i].random = (seed + i + 1) * 0x9e3779b97f4a7c15u;
		/* Never asked: what would ask it is wrapped. */
		if (store_open(&s->conf, "api", (struct keyd_client *)s, &clients[i].store, &why) !=
		    ERR_OK) {
			(void)fprintf(stderr, "%s\n", why.text);
			return 1;
		}
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (pthread_create(&threads[i], NULL, work, &clients[i]) != 0)
			return 1;
	cancel_those_that_wait(clients);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		(void)pthread_join(threads[i], NULL);
		store_free(clients[i].store);
	}
	return report(s);
}

int
main(int argc, char **argv)
{
	static struct soak s;
	struct err_detail why = { "" };
	char line[64];

	if (argc < 4 || conf_load(argv[1], &s.conf, &why) != ERR_OK) {
		(void)fprintf(stderr, "usage: tenancy-pool DIR TRANSACTIONS SEED [confuse]\n%s\n",
		    why.text);
		return 2;
	}
	atomic_store(&s.left, strtol(argv[2], NULL, 10));
	s.confuses = argc > 4;
	while (s.n_workspaces < MAX_WORKSPACES && fgets(line, sizeof(line), stdin) != NULL)
		if (uuid_parse(str_trim(str_from(line)), &s.workspaces[s.n_workspaces]))
			s.n_workspaces++;
	return soak(&s, strtoul(argv[3], NULL, 10));
}
