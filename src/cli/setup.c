/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup - what must be so before anything serves: the schema of this build, the context key, the
 * days' partitions, a catalogue without fault, and at the very first start a workspace with its
 * owner.
 *
 * The supervisor runs it as a one-shot with a channel to keyd; `rendfly migrate` is the part that
 * needs none.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "seal/seal.h"
#include "store/catalogue.h"
#include "store/migrate.h"
#include "store/queries.h"
#include "store/store.h"
#include "trail/trail.h"

#define WAIT_FOR_POSTGRES_MS 60000
#define TELL_AFTER_MS 2000
#define FAULTS_MAX_BYTES 16384
#define FIRST_LOGIN_MAX_BYTES 2048
#define FIRST_USER "owner@rendfly.local"
#define PASSWORD_CHARS 20

static void
tell_step(int number, const char *name)
{
	log_info("migration", LOG_INT("number", number), LOG_STR("name", name));
}

/* PostgreSQL may still be starting, or recovering after a crash. */
static enum err
wait_for_store(const struct conf *conf, struct keyd_client *keys, struct store **ret_store,
    struct err_detail *reterr)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	int64_t began = clock_monotonic_ms();
	bool is_told = false;

	for (;;) {
		enum err e = store_open(conf, "setup", keys, ret_store, reterr);
		int64_t waited = clock_monotonic_ms() - began;

		if (e != ERR_BUSY || waited > WAIT_FOR_POSTGRES_MS)
			return e;
		if (waited > TELL_AFTER_MS && !is_told)
			log_info("waiting_for_postgresql", LOG_STR("state", reterr->text));
		is_told = is_told || waited > TELL_AFTER_MS;
		(void)nanosleep(&pause, NULL);
	}
}

static enum err
install_context_key(struct store *s, struct keyd_client *keys, struct err_detail *reterr)
{
	uint8_t key[32];
	struct store_param param = P_BYTEA(((struct str){ (const char *)key, sizeof(key) }));
	enum err e = keyd_context_key(keys, key);

	if (e != ERR_OK)
		return err_set(reterr, e, "keyd gives no context key: %s", err_text(e));
	e = store_run(s, SQL_INSTALL_CONTEXT_KEY, &param, 1, NULL);
	explicit_bzero(key, sizeof(key));
	return e == ERR_OK ? e : err_set(reterr, e, "the context key: %s", store_last_error(s));
}

static enum err
refuse_faults(struct store *s, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *faults = NULL;
	enum err e = buf_new(FAULTS_MAX_BYTES, &faults);

	if (e == ERR_OK)
		e = catalogue_check(s, faults);
	if (e != ERR_OK)
		return err_set(reterr, e, "the catalogue cannot be read: %s", store_last_error(s));
	if (buf_len(faults) == 0)
		return ERR_OK;
	return err_set(reterr, ERR_DENIED,
	    "the database is not as it must be, so nothing serves it:\n%s", buf_c_string(faults));
}

/* ---- the first workspace */

struct first {
	struct uuid workspace, project, key, user;
	char ingest_key[AUTH_KEY_BYTES];
	char password[PASSWORD_CHARS + 1];
	char password_hash[AUTH_PASSWORD_HASH_BYTES];
	uint8_t key_hash[32];
};

/* Of letters and digits that nobody mistakes for one another: 20 of them are 116 bits. */
static enum err
make_password(char ret_password[static PASSWORD_CHARS + 1])
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	const size_t n = sizeof(alphabet) - 1;

	for (size_t i = 0; i < PASSWORD_CHARS;) {
		uint8_t byte;
		enum err e = seal_random(&byte, 1);

		if (e != ERR_OK)
			return e;
		if (byte >= 256 / n * n)
			continue;
		ret_password[i++] = alphabet[byte % n];
	}
	ret_password[PASSWORD_CHARS] = '\0';
	return ERR_OK;
}

static enum err
make_first(struct keyd_client *keys, struct first *f)
{
	struct auth_keyd keyd = { keys, NULL };
	struct auth_oracle oracle = auth_oracle_of(&keyd);
	enum err e;

	f->workspace = uuid_new();
	f->project = uuid_new();
	f->key = uuid_new();
	f->user = uuid_new();
	e = make_password(f->password);
	if (e == ERR_OK)
		e = auth_password_hash(&oracle, str_from(f->password), f->password_hash);
	if (e == ERR_OK)
		e = auth_ingest_key_new(f->ingest_key);
	if (e == ERR_OK)
		e = keyd_ingest_hash(keys, str_from(f->ingest_key), f->key_hash);
	if (e == ERR_OK)
		e = keyd_workspace_create(keys, &f->workspace);
	return e;
}

static enum err
write_first_login(const struct conf *conf, const struct first *f, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *text = NULL;
	char path[CONF_PATH_BYTES + 16], workspace[UUID_TEXT_BYTES], project[UUID_TEXT_BYTES];
	enum err e = buf_new(FIRST_LOGIN_MAX_BYTES, &text);

	uuid_format(&f->workspace, workspace);
	uuid_format(&f->project, project);
	if (e == ERR_OK)
		e = buf_printf(text,
		    "url: %s\nuser: %s\npassword: %s\nworkspace: %s\nproject: %s\ningest_key: %s\n",
		    conf->public_url, FIRST_USER, f->password, workspace, project, f->ingest_key);
	if (e != ERR_OK)
		return err_set(reterr, e, "%s", err_text(e));
	(void)snprintf(path, sizeof(path), "%s/first-login", conf->dir);
	return file_replace(path, buf_str(text), 0600, reterr);
}

/* In the transaction that makes them. */
static enum err
record_first(struct store *s, const struct first *f)
{
	const struct {
		enum audit_name name;
		const char *kind;
		struct uuid id;
	} made[] = { { AUDIT_CRYPT_KEY_CREATED, "workspace", f->workspace },
		{ AUDIT_WORKSPACE_CREATED, "workspace", f->workspace },
		{ AUDIT_PROJECT_CREATED, "project", f->project },
		{ AUDIT_USER_CREATED, "user", f->user },
		{ AUDIT_INGEST_KEY_CREATED, "ingest_key", f->key } };
	enum err e = ERR_OK;

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]) && e == ERR_OK; i++)
		e = trail_add(s,
		    &(struct trail_act){ .by = AUDIT_BY_SETUP,
			.name = made[i].name,
			.outcome = AUDIT_SUCCESS,
			.workspace = f->workspace,
			.object_kind = made[i].kind,
			.object = made[i].id,
			.detail = "at the first start" });
	return e;
}

/* The file first: a workspace whose password nobody was told is of no use. */
static enum err
create_first(const struct conf *conf, struct store *s, struct keyd_client *keys,
    struct err_detail *reterr)
{
	struct first f = { 0 };
	enum err e = make_first(keys, &f);
	const struct store_param params[] = { P_UUID(&f.workspace), P_TEXT(STR("First workspace")),
		P_INT(conf->rate_per_minute), P_INT(conf->rate_burst), P_UUID(&f.project),
		P_TEXT(STR("First project")), P_UUID(&f.key),
		P_BYTEA(((struct str){ (const char *)f.key_hash, sizeof(f.key_hash) })),
		P_TEXT(str_slice(str_from(f.ingest_key), strlen(f.ingest_key) - 4, AUTH_KEY_BYTES)),
		P_UUID(&f.user), P_TEXT(STR(FIRST_USER)), P_TEXT(str_from(f.password_hash)) };

	if (e != ERR_OK)
		return err_set(reterr, e, "the first workspace cannot be made: %s", err_text(e));
	e = write_first_login(conf, &f, reterr);
	if (e == ERR_OK) {
		e = store_begin_plain(s);
		if (e == ERR_OK)
			e = store_run(s, SQL_CREATE_WORKSPACE, params,
			    sizeof(params) / sizeof(params[0]), NULL);
		if (e == ERR_OK)
			e = record_first(s, &f);
		if (e == ERR_OK)
			e = store_commit(s);
		if (e != ERR_OK)
			(void)err_set(reterr, e, "the first workspace: %s", store_last_error(s));
		store_rollback(s);
	}
	explicit_bzero(&f, sizeof(f));
	return e;
}

static enum err
create_first_if_none(const struct conf *conf, struct store *s, struct keyd_client *keys,
    struct err_detail *reterr)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_WORKSPACE_COUNT, NULL, 0, &rows);

	if (e != ERR_OK)
		return err_set(reterr, e, "the workspaces cannot be counted: %s",
		    store_last_error(s));
	return store_int(rows, 0, 0) > 0 ? ERR_OK : create_first(conf, s, keys, reterr);
}

/* ---- the commands */

static enum err
record(struct store *s, enum audit_name name, const char *detail, struct err_detail *reterr)
{
	const struct trail_act act = { .by = AUDIT_BY_SETUP,
		.name = name,
		.outcome = AUDIT_SUCCESS,
		.object_kind = "installation",
		.detail = detail };
	enum err e = trail_add_alone(s, &act);

	return e == ERR_OK ? e : err_set(reterr, e, "the audit log: %s", store_last_error(s));
}

static enum err
migrate(struct store *s, struct err_detail *reterr)
{
	char detail[32];
	int done = 0;
	enum err e = store_migrate(s, tell_step, &done, reterr);

	if (e == ERR_OK)
		e = store_run(s, SQL_SETUP_PARTITIONS, NULL, 0, NULL);
	if (e != ERR_OK || done == 0)
		return e;
	log_info("migrated", LOG_INT("steps", done));
	(void)snprintf(detail, sizeof(detail), "%d steps", done);
	return record(s, AUDIT_SYS_MIGRATED, detail, reterr);
}

static enum err
set_up(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP(keyd_client) struct keyd_client *keys = NULL;
	CLEANUP(store) struct store *s = NULL;
	enum err e = keyd_client_new(IPC_FD_KEYD, &keys);

	if (e == ERR_OK)
		e = wait_for_store(conf, keys, &s, reterr);
	if (e == ERR_OK)
		e = migrate(s, reterr);
	if (e == ERR_OK)
		e = install_context_key(s, keys, reterr);
	if (e == ERR_OK)
		e = refuse_faults(s, reterr);
	if (e == ERR_OK)
		e = record(s, AUDIT_SYS_STARTUP, "all processes", reterr);
	return e == ERR_OK ? create_first_if_none(conf, s, keys, reterr) : e;
}

static enum err
only_migrate(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP(store) struct store *s = NULL;
	enum err e = wait_for_store(conf, NULL, &s, reterr);

	if (e == ERR_OK)
		e = migrate(s, reterr);
	return e == ERR_OK ? refuse_faults(s, reterr) : e;
}

static int
finish(const char *name, enum err e, const struct err_detail *detail)
{
	if (e == ERR_OK)
		return 0;
	(void)fprintf(stderr, "rendfly %s: %s\n", name,
	    detail->text[0] != '\0' ? detail->text : err_text(e));
	return 1;
}

static enum err
set_up_folder(const char *dir, struct err_detail *reterr)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	enum err e = conf == NULL ? ERR_NOMEM : conf_load(dir, conf, reterr);

	if (e == ERR_OK)
		e = set_up(conf, reterr);
	free(conf);
	return e;
}

int
setup_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	enum err e;

	if (argc != 3 || strcmp(argv[1], "--dir") != 0) {
		(void)fputs("usage: rendfly setup --dir DIR   (the supervisor runs it)\n", stderr);
		return 2;
	}
	log_open(argv[0]);
	e = set_up_folder(argv[2], &detail);
	if (e != ERR_OK)
		log_error("setup_refused", LOG_ERR(e));
	return finish(argv[0], e, &detail);
}

static const struct manual_option options[] = { MANUAL_DIR, { 0 } };

const struct manual migrate_manual = {
	.name = "migrate",
	.summary = "bring the database to this version",
	.usage = "[--dir DIR]",
	.about =
	    "Brings the database's schema to the version of this program and checks its catalogue. "
	    "PostgreSQL must run; a second run changes nothing. The start does the same by itself. "
	    "Run it as root.",
	.options = options,
};

int
migrate_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct args args;
	struct conf conf;
	int status;

	if (!args_read(&migrate_manual, argc, argv, &args, &status))
		return status;
	log_open(argv[0]);
	if (!folder_load_database(&args, &conf, &detail))
		return finish(argv[0], ERR_NOT_FOUND, &detail);
	status = finish(argv[0], only_migrate(&conf, &detail), &detail);
	if (status == 0)
		(void)puts("the database is at this version, its catalogue without fault");
	return status;
}
