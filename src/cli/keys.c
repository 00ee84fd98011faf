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

#include "cli/commands.h"
#include "cli/keys_operator.h"
#include "keyd/keyring.h"
#include "keyd/root_backend.h"

#define MAX_IDS 2

static const char HELP[] =
    "usage: rendfly keys COMMAND [WORKSPACE [KEY]] [--dir DIR]\n"
    "\n"
    "  init                   make DIR/keys (passphrase, sealed root key, keyring)\n"
    "  list                   workspaces, their keys and ages; no secret is shown\n"
    "  create WORKSPACE       a key for a workspace that has none\n"
    "  rotate WORKSPACE       a new key seals from now on; what is sealed stays readable\n"
    "  rewrap                 wait until everything is sealed under the newest keys\n"
    "  retire WORKSPACE KEY   take an old key away, once no record names it\n"
    "  destroy WORKSPACE --for-good\n"
    "                         take all keys of a workspace away: nothing of it that was sealed can\n"
    "                         be read again, from no backup of the database either\n"
    "\n"
    "init changes nothing that is there. docs/keys.md tells what to keep in backups.\n";

struct arguments {
	const char *command;
	const char *dir;
	struct uuid ids[MAX_IDS]; /* workspace, key */
	int n_ids;
	bool is_for_good;
};

static bool
parse(int argc, char **argv, struct arguments *a)
{
	*a = (struct arguments){ .dir = "var" };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
			a->dir = argv[++i];
		else if (strcmp(argv[i], "--for-good") == 0)
			a->is_for_good = true;
		else if (a->command == NULL && argv[i][0] != '-')
			a->command = argv[i];
		else if (a->n_ids == MAX_IDS || !uuid_parse(str_from(argv[i]), &a->ids[a->n_ids++]))
			return false;
	}
	return a->command != NULL;
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

static enum err
list(const struct arguments *a, struct err_detail *reterr)
{
	CLEANUP(keyring) struct keyring *k = NULL;
	enum err e = keyring_open(a->dir, NULL, &k, reterr);

	if (e != ERR_OK)
		return e;
	(void)printf("%-38s%-38s%-9s%-11s%s\n", "workspace", "key", "version", "state", "created");
	for (size_t i = 0; i < keyring_count(k); i++) {
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

static const struct {
	const char *name;
	int n_ids;
	enum err (*run)(const struct arguments *a, struct err_detail *reterr);
} commands[] = { { "init", 0, init }, { "list", 0, list }, { "create", 1, create },
	{ "rotate", 1, rotate }, { "rewrap", 0, rewrap }, { "retire", 2, retire },
	{ "destroy", 1, destroy } };

int
keys_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct arguments a;
	enum err e;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(HELP, stdout);
		return 0;
	}
	if (parse(argc, argv, &a))
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			if (strcmp(commands[i].name, a.command) == 0 &&
			    commands[i].n_ids == a.n_ids) {
				e = commands[i].run(&a, &detail);
				if (e != ERR_OK)
					(void)fprintf(stderr, "rendfly keys: %s\n",
					    detail.text[0] != '\0' ? detail.text : err_text(e));
				return e == ERR_OK ? 0 : 1;
			}
	(void)fputs(HELP, stderr);
	return 2;
}
