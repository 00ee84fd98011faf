/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - `rendfly keys`: makes the key files once, lists what is in them, and has keyd change them.
 *
 * A change is asked of the running keyd over run/keys.sock, and stands in the audit log before it
 * is asked for: what cannot be recorded is not done.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/keys_operator.h"
#include "keyd/keyring.h"
#include "keyd/root_backend.h"

#define MAX_IDS 2
#define LIST_TRIES 20

static const struct manual_action manual_actions[] = {
	{ "init", NULL,
	    "make DIR/keys (passphrase, sealed root key, keyring); changes nothing that is there" },
	{ "list", NULL, "workspaces, their keys and ages; no secret is shown" },
	{ "create", "WORKSPACE", "a key for a workspace that has none" },
	{ "rotate", "WORKSPACE", "a new key seals from now on; what is sealed stays readable" },
	{ "rotate-root", NULL,
	    "another root key and passphrase, or share and Vault key version; keyd starts again for it" },
	{ "rotate-tokens", NULL,
	    "another key signs log-ins; what the old one signed counts for 15 minutes more" },
	{ "rewrap", NULL, "wait until everything is sealed under the newest keys" },
	{ "retire", "WORKSPACE KEY", "take an old key away, once no record names it" },
	{ "destroy", "WORKSPACE",
	    "with --for-good: take all keys of a workspace away; nothing of it that was sealed can be "
	    "read again, from no backup of the database either" },
	{ "erase", "WORKSPACE USER",
	    "with --for-good: take the key of one person away; the addresses of that person in the "
	    "audit log cannot be read again, and the log still verifies" },
	{ 0 }
};

static const struct manual_option manual_options[] = {
	{ "--for-good", NULL, "destroy, erase: yes, I mean it", false },
	{ "--at-once", NULL, "rotate-tokens: the old key was seen; everybody has to log in again",
	    false },
	MANUAL_DIR, { 0 }
};

const struct manual keys_manual = {
	.name = "keys",
	.summary = "make, list, rotate and destroy keys, erase a person",
	.usage = "COMMAND [WORKSPACE [KEY]] [--dir DIR]",
	.about =
	    "The keys of workspaces. A change is made by keyd, so the system must run; it stands in "
	    "the audit log. docs/keys.md tells what to keep in backups. Run it as root.",
	.actions = manual_actions,
	.options = manual_options,
};

struct arguments {
	const char *command;
	const char *dir;
	struct uuid ids[MAX_IDS]; /* workspace, key */
	bool is_for_good;
	bool is_at_once;
};

/* The ids are read into a->ids; false with the complaint made. */
static bool
parse(const struct args *args, struct arguments *a)
{
	*a = (struct arguments){ .command = args->action->name,
		.dir = args_value_or(args, "--dir", "var"),
		.is_for_good = args_has(args, "--for-good"),
		.is_at_once = args_has(args, "--at-once") };
	for (size_t i = 0; i < args->n_operands; i++)
		if (!uuid_parse(str_from(args->operands[i]), &a->ids[i])) {
			(void)args_complain(&keys_manual,
			    "%s is no id: `rendfly keys list` shows those of workspaces and keys",
			    args->operands[i]);
			return false;
		}
	return true;
}

/* ---- what needs no running system */

static enum err
init(const struct arguments *a, struct err_detail *reterr)
{
	const struct root_backend *backend = NULL;
	struct conf conf;
	enum err e = conf_load(a->dir, &conf, reterr);

	if (e == ERR_OK)
		e = root_backend_find(&conf, &backend, reterr);
	return e == ERR_OK ? backend->init(&conf, reterr) : e;
}

static const char *
state_of(const struct keyring *k, size_t i)
{
	const struct key_record *r = keyring_at(k, i);
	bool has_newer = i + 1 < keyring_count(k) &&
	    uuid_equals(&keyring_at(k, i + 1)->workspace, &r->workspace) &&
	    uuid_equals(&keyring_at(k, i + 1)->subject, &r->subject);

	if (r->kind == KEY_GONE_WORKSPACE || r->kind == KEY_GONE_SUBJECT)
		return "destroyed";
	return has_newer ? "opens" : "seals";
}

static void
print_record(const struct keyring *k, size_t i)
{
	const struct key_record *r = keyring_at(k, i);
	char workspace[UUID_TEXT_BYTES], key[UUID_TEXT_BYTES], created[32];
	time_t seconds = (time_t)(r->created_ms / 1000);
	struct tm utc = { 0 };

	uuid_format(&r->workspace, workspace);
	uuid_format(&r->key_id, key);
	(void)gmtime_r(&seconds, &utc);
	(void)strftime(created, sizeof(created), "%Y-%m-%d %H:%M:%S UTC", &utc);
	(void)printf("%-38s%-38s%-9" PRIu32 "%-11s%s\n", workspace,
	    r->kind == KEY_GONE_WORKSPACE ? "-" : key, r->version, state_of(k, i), created);
}

/* keyd may be writing them anew: what is read in the middle of a change is read again. */
static enum err
open_list(const char *dir, struct keyring **ret_keyring, struct err_detail *reterr)
{
	const struct timespec pause = { .tv_nsec = 100000000L };
	enum err e = ERR_BUG;

	for (int tries = 0; tries < LIST_TRIES; tries++) {
		e = keyring_open(dir, NULL, ret_keyring, reterr);
		if (e != ERR_MALFORMED)
			break;
		(void)nanosleep(&pause, NULL);
	}
	return e;
}

static enum err
list(const struct arguments *a, struct err_detail *reterr)
{
	CLEANUP(keyring) struct keyring *k = NULL;
	size_t n_persons = 0, n_erased = 0;
	enum err e = open_list(a->dir, &k, reterr);

	if (e != ERR_OK)
		return e;
	(void)printf("%-38s%-38s%-9s%-11s%s\n", "workspace", "key", "version", "state", "created");
	for (size_t i = 0; i < keyring_count(k); i++) {
		const struct key_record *r = keyring_at(k, i);

		n_persons += r->kind == KEY_OF_SUBJECT;
		n_erased += r->kind == KEY_GONE_SUBJECT;
		if (uuid_is_zero(&r->subject))
			print_record(k, i);
	}
	(void)printf("and keys of %zu persons; of %zu more they were erased\n", n_persons,
	    n_erased);
	return ERR_OK;
}

/* ---- what keyd does */

static enum err
create(const struct arguments *a, struct err_detail *reterr)
{
	return keys_operator_create(a->dir, &a->ids[0], reterr);
}

static enum err
rotate(const struct arguments *a, struct err_detail *reterr)
{
	return keys_operator_rotate(a->dir, &a->ids[0], reterr);
}

static enum err
rotate_root(const struct arguments *a, struct err_detail *reterr)
{
	return keys_operator_rotate_root(a->dir, reterr);
}

static enum err
rotate_tokens(const struct arguments *a, struct err_detail *reterr)
{
	return keys_operator_rotate_tokens(a->dir, a->is_at_once, reterr);
}

static enum err
rewrap(const struct arguments *a, struct err_detail *reterr)
{
	return keys_operator_rewrap(a->dir, reterr);
}

static enum err
retire(const struct arguments *a, struct err_detail *reterr)
{
	return keys_operator_retire(a->dir, &a->ids[0], &a->ids[1], reterr);
}

static enum err
destroy(const struct arguments *a, struct err_detail *reterr)
{
	if (!a->is_for_good)
		return err_set(reterr, ERR_DENIED,
		    "this takes every key of the workspace away for good; say --for-good");
	return keys_operator_destroy(a->dir, &a->ids[0], reterr);
}

static enum err
erase(const struct arguments *a, struct err_detail *reterr)
{
	if (!a->is_for_good)
		return err_set(reterr, ERR_DENIED,
		    "this takes the key of the person away for good; say --for-good");
	return keys_operator_erase(a->dir, &a->ids[0], &a->ids[1], reterr);
}

static const struct {
	const char *name;
	enum err (*run)(const struct arguments *a, struct err_detail *reterr);
} commands[] = { { "init", init }, { "list", list }, { "create", create }, { "rotate", rotate },
	{ "rotate-root", rotate_root }, { "rotate-tokens", rotate_tokens }, { "rewrap", rewrap },
	{ "retire", retire }, { "destroy", destroy }, { "erase", erase } };

int
keys_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct arguments a;
	struct args args;
	enum err e = ERR_NOT_FOUND;
	int status;

	if (!args_read(&keys_manual, argc, argv, &args, &status))
		return status;
	if (!parse(&args, &a))
		return ARGS_EXIT_WRONG;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, a.command) == 0 && folder_is_ours(&args, &detail))
			e = commands[i].run(&a, &detail);
	if (e != ERR_OK)
		(void)fprintf(stderr, "rendfly keys: %s\n",
		    detail.text[0] != '\0' ? detail.text : err_text(e));
	return e == ERR_OK ? 0 : 1;
}
