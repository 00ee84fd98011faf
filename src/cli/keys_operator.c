/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/keys_operator.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "audit/event.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "ipc/keyd_client.h"
#include "keyd/rotation.h"
#include "seal/seal.h"
#include "store/queries.h"
#include "store/store.h"

#define LOOK_AGAIN_MS 500
#define ROTATION_PATIENCE_MS 60000

struct operator
{
	struct conf conf;
	struct keyd_client *keyd;
	struct store *store;
	struct err_detail *reterr;
};

static void operator_done(struct operator* o)
{
	keyd_client_free(o->keyd);
	store_free(o->store);
}

#define CLEANUP_OPERATOR __attribute__((cleanup(operator_done)))

static enum err connect_keyd(struct operator* o)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int len = snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/keys.sock", o->conf.dir);
	enum err e;

	if (len < 0 || (size_t)len >= sizeof(at.sun_path))
		return err_set(o->reterr, ERR_TOO_LARGE, "%s: too long for a unix socket",
		    o->conf.dir);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		return err_set(o->reterr, ERR_BUSY,
		    "%s: %s; root asks while the system runs, `rendfly supervisor` starts it",
		    at.sun_path, strerror(errno));
	e = keyd_client_new(fd, &o->keyd);
	if (e == ERR_OK)
		(void)TAKE_FD(fd);
	return e;
}

static enum err
operator_open(const char *dir, struct operator* o, struct err_detail *reterr)
{
	enum err e;

	*o = (struct operator){ .reterr = reterr };
	e = conf_load(dir, &o->conf, reterr);
	if (e == ERR_OK)
		e = connect_keyd(o);
	return e == ERR_OK ? store_open(&o->conf, "operator", NULL, &o->store, reterr) : e;
}

/* ---- the audit log */

struct act {
	enum audit_name name;
	const char *verb;
	const struct uuid *workspace; /* NULL: it is about a key of the installation */
	const struct uuid *key_id;    /* NULL: none is named */
	const struct uuid *subject;   /* NULL: it is about the workspace */
};

static const char *
kind_of(const struct act *act)
{
	if (act->subject != NULL)
		return "user";
	if (act->workspace != NULL)
		return "workspace";
	return act->name == AUDIT_CRYPT_ROOT_ROTATED ? "root_key" : "token_key";
}

/* As the installation's event: the operator stands outside of all workspaces.  What is about a
 * person is the workspace's own: its export tells that an address is missing, and since when. */
static enum err
record(struct operator* o, const struct act *act, enum audit_outcome outcome)
{
	const struct uuid installation = { { 0 } }, id = uuid_new();
	bool is_of_person = act->subject != NULL;
	char object[UUID_TEXT_BYTES] = "", key[UUID_TEXT_BYTES] = "", request[UUID_TEXT_BYTES];
	enum err e;

	if (act->workspace != NULL)
		uuid_format(is_of_person ? act->subject : act->workspace, object);
	uuid_format(&id, request);
	if (act->key_id != NULL)
		uuid_format(act->key_id, key);
	e = store_run(o->store, SQL_OPERATOR_ADD_EVENT,
	    (struct store_param[]){ P_UUID(is_of_person ? act->workspace : &installation),
		P_UUID(&id), P_INT(act->name), P_INT(outcome), P_TEXT(STR("operator")),
		P_TEXT(STR("root")), P_BYTEA(STR("")), P_TEXT(str_from(request)),
		P_TEXT(str_from(kind_of(act))), P_TEXT(str_from(object)), P_TEXT(str_from(key)) },
	    11, NULL);
	if (e != ERR_OK)
		return err_set(o->reterr, e,
		    "nothing was done: the audit log cannot be written: %s",
		    store_last_error(o->store));
	return ERR_OK;
}

/* A refusal that says why. */
static enum err
explain(struct operator* o, const struct act *act, enum err e)
{
	static const struct {
		enum err e;
		const char *text;
	} reasons[] = {
		{ ERR_NOT_FOUND, "there is no such key" },
		{ ERR_GONE, "the keys were destroyed before" },
		{ ERR_CONFLICT, "the workspace has a key, or it is the newest" },
		{ ERR_TOO_LARGE, "there are too many versions: retire old ones" },
		{ ERR_BUSY,
		    "too soon: what was sealed under it may still be on its way; wait two minutes" },
		{ ERR_IO, "keyd ended or cannot write; see the log and `rendfly keys list`" },
	};

	(void)!record(o, act, AUDIT_FAILED);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].e == e)
			return err_set(o->reterr, e, "%s: %s", act->verb, reasons[i].text);
	return err_set(o->reterr, e, "%s: %s", act->verb, err_text(e));
}

/* ---- changes */

/* A key of nothing would stay for ever, and hide that an id was mistyped. */
static enum err
check_workspace(struct operator* o, const struct uuid *workspace)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	char id[UUID_TEXT_BYTES];
	enum err e = store_run(o->store, SQL_OPERATOR_HAS_WORKSPACE,
	    (struct store_param[]){ P_UUID(workspace) }, 1, &rows);

	if (e != ERR_OK)
		return err_set(o->reterr, e, "the workspace cannot be looked for: %s",
		    store_last_error(o->store));
	uuid_format(workspace, id);
	return store_int(rows, 0, 0) != 0
	    ? ERR_OK
	    : err_set(o->reterr, ERR_NOT_FOUND,
		  "create: there is no workspace %s, so it gets no key", id);
}

enum err
keys_operator_create(const char *dir, const struct uuid *workspace, struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_CRYPT_KEY_CREATED, "create", workspace, NULL, NULL };
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = check_workspace(&o, workspace);
	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	e = keyd_workspace_create(o.keyd, workspace);
	return e == ERR_OK ? e : explain(&o, &act, e);
}

enum err
keys_operator_rotate(const char *dir, const struct uuid *workspace, struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_CRYPT_KEY_ROTATED, "rotate", workspace, NULL, NULL };
	char text[UUID_TEXT_BYTES];
	struct uuid key_id;
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	e = keyd_rotate(o.keyd, workspace, &key_id);
	if (e != ERR_OK)
		return explain(&o, &act, e);
	uuid_format(&key_id, text);
	(void)
	    printf("%s seals from now on; what older keys sealed is rewrapped in the background\n",
		text);
	return ERR_OK;
}

static enum err
count_records(struct operator* o, const struct uuid *key_id, int64_t *ret_n)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(o->store, SQL_OPERATOR_KEY_RECORDS,
	    (struct store_param[]){ P_UUID(key_id) }, 1, &rows);

	if (e != ERR_OK)
		return err_set(o->reterr, e, "the records cannot be counted: %s",
		    store_last_error(o->store));
	*ret_n = store_int(rows, 0, 0);
	return ERR_OK;
}

enum err
keys_operator_retire(const char *dir, const struct uuid *workspace, const struct uuid *key_id,
    struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_CRYPT_KEY_RETIRED, "retire", workspace, key_id, NULL };
	int64_t n = 0;
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = count_records(&o, key_id, &n);
	if (e == ERR_OK && n > 0)
		e = err_set(reterr, ERR_CONFLICT,
		    "%" PRId64
		    " records are still sealed under this key, in the audit log perhaps: "
		    "it cannot be retired",
		    n);
	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	e = keyd_retire(o.keyd, workspace, key_id);
	return e == ERR_OK ? e : explain(&o, &act, e);
}

enum err
keys_operator_destroy(const char *dir, const struct uuid *workspace, struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_CRYPT_KEY_DESTROYED, "destroy", workspace, NULL, NULL };
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	e = keyd_destroy(o.keyd, workspace);
	if (e != ERR_OK)
		return explain(&o, &act, e);
	(void)
	    printf("nothing of the workspace that was sealed can be read again; now overwrite the "
		   "backups of the folder keys\n");
	return ERR_OK;
}

enum err
keys_operator_erase(const char *dir, const struct uuid *workspace, const struct uuid *subject,
    struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_SENSITIVE_ERASED, "erase", workspace, NULL, subject };
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	e = keyd_destroy_subject(o.keyd, workspace, subject);
	if (e != ERR_OK)
		return explain(&o, &act, e);
	(void)printf("nothing that was sealed for this person can be read again; now overwrite the "
		     "backups of the folder keys\n");
	return ERR_OK;
}

/* ---- the root key */

/* keyd's own: it reads it before it has given up root. */
static enum err want_another_root(struct operator* o)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char folder[ROOT_PATH_BYTES], path[ROOT_PATH_BYTES + 16], text[65];
	uint8_t random[32];
	enum err e = seal_random(random, sizeof(random));

	(void)snprintf(folder, sizeof(folder), "%s/keys/next", o->conf.dir);
	if (e != ERR_OK || (mkdir(folder, 0700) != 0 && errno != EEXIST))
		return err_set(o->reterr, ERR_IO, "%s: %s", folder, strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/" ROTATION_FAILED, folder);
	(void)unlink(path);
	hex_encode(random, sizeof(random), text);
	(void)snprintf(path, sizeof(path), "%s/root.passphrase", folder);
	if (credentials == NULL && strcmp(o->conf.root_backend, "file") == 0)
		e = file_replace(path, str_from(text), 0400, o->reterr);
	explicit_bzero(random, sizeof(random));
	explicit_bzero(text, sizeof(text));
	(void)snprintf(path, sizeof(path), "%s/" ROTATION_WANTED, folder);
	return e == ERR_OK ? file_replace(path, STR("wanted\n"), 0600, o->reterr) : e;
}

/* What keyd said of it; ERR_BUSY while it is under way. */
static enum err
look_at_rotation(const struct operator* o)
{
	CLEANUP(buf) struct buf *cause = NULL;
	char path[ROOT_PATH_BYTES];
	struct stat s;
	enum err e = buf_new(ERR_DETAIL_BYTES, &cause);

	(void)snprintf(path, sizeof(path), "%s/keys/next/" ROTATION_FAILED, o->conf.dir);
	if (e == ERR_OK && file_read(path, cause, NULL) == ERR_OK)
		return err_set(o->reterr, ERR_DENIED, "the old root key stays in force: %s",
		    buf_c_string(cause));
	(void)snprintf(path, sizeof(path), "%s/keys/next", o->conf.dir);
	return lstat(path, &s) == 0 ? ERR_BUSY : ERR_OK;
}

static enum err await_rotation(struct operator* o)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	int64_t until_ms = clock_monotonic_ms() + ROTATION_PATIENCE_MS;
	enum err e = look_at_rotation(o);

	while (e == ERR_BUSY && clock_monotonic_ms() < until_ms) {
		(void)nanosleep(&pause, NULL);
		e = look_at_rotation(o);
	}
	if (e == ERR_BUSY)
		return err_set(o->reterr, e,
		    "it is not done yet: keyd goes on with it at its next start; see the log");
	return e;
}

enum err
keys_operator_rotate_root(const char *dir, struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_CRYPT_ROOT_ROTATED, "rotate-root", NULL, NULL, NULL };
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e == ERR_OK)
		e = want_another_root(&o);
	if (e != ERR_OK)
		return e;
	/* A keyd that ends before it answers starts again all the same. */
	e = keyd_restart(o.keyd);
	if (e != ERR_OK && e != ERR_IO && e != ERR_BUSY)
		return explain(&o, &act, e);
	e = await_rotation(&o);
	if (e != ERR_OK) {
		(void)!record(&o, &act, AUDIT_FAILED);
		return e;
	}
	(void)printf("another root key is in force; now make a new backup of the folder keys: one "
		     "from before does not fit any more\n");
	return ERR_OK;
}

/* ---- the key of log-in tokens */

enum err
keys_operator_rotate_tokens(const char *dir, bool is_at_once, struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct act act = { AUDIT_CRYPT_TOKEN_KEY_ROTATED, "rotate-tokens", NULL, NULL, NULL };
	enum err e = operator_open(dir, &o, reterr);

	if (e == ERR_OK)
		e = record(&o, &act, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	e = keyd_rotate_tokens(o.keyd, is_at_once);
	if (e == ERR_BUSY) {
		(void)!record(&o, &act, AUDIT_FAILED);
		return err_set(reterr, e,
		    "rotate-tokens: the key before this one still counts; wait for 15 minutes, or say "
		    "--at-once: then everybody has to log in again");
	}
	if (e != ERR_OK)
		return explain(&o, &act, e);
	(void)printf("another key signs log-ins; what older ones signed counts %s\n",
	    is_at_once ? "no more" : "for 15 minutes");
	return ERR_OK;
}

/* ---- waiting for the steward */

/* How many records of one workspace do not name its newest key; none of the audit log. */
static enum err
count_left(struct operator* o, const struct keyd_due *due, int64_t *ret_n)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(o->store, SQL_OPERATOR_REWRAP_LEFT,
	    (struct store_param[]){ P_UUID(&due->workspace), P_UUID(&due->newest_key) }, 2, &rows);

	if (e != ERR_OK)
		return err_set(o->reterr, e, "the records cannot be counted: %s",
		    store_last_error(o->store));
	*ret_n += store_int(rows, 0, 0);
	return ERR_OK;
}

static enum err
count_all_left(struct operator* o, int64_t *ret_n)
{
	struct keyd_due due[32];
	struct uuid after = { { 0 } };
	size_t n;

	*ret_n = 0;
	do {
		enum err e =
		    keyd_rewrap_due(o->keyd, &after, due, sizeof(due) / sizeof(due[0]), &n);

		if (e != ERR_OK)
			return err_set(o->reterr, e, "keyd does not answer: %s", err_text(e));
		for (size_t i = 0; i < n; i++) {
			e = count_left(o, &due[i], ret_n);
			if (e != ERR_OK)
				return e;
		}
		if (n > 0)
			after = due[n - 1].workspace;
	} while (n > 0);
	return ERR_OK;
}

enum err
keys_operator_rewrap(const char *dir, struct err_detail *reterr)
{
	CLEANUP_OPERATOR struct operator o = { 0 };
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	int64_t left = 0, told = -1;
	enum err e = operator_open(dir, &o, reterr);

	while (e == ERR_OK) {
		e = count_all_left(&o, &left);
		if (e == ERR_OK && left == 0)
			break;
		if (e == ERR_OK && left != told)
			(void)printf("%" PRId64 " records to go\n", left);
		told = left;
		(void)fflush(stdout);
		(void)nanosleep(&pause, NULL);
	}
	if (e == ERR_OK)
		(void)printf("everything is sealed under the newest keys\n");
	return e;
}
