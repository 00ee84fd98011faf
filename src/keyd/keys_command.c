/* SPDX-License-Identifier: Apache-2.0 */
/* keys_command - `rendfly keys`: makes the key files once, and lists what is in them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "keyd/keyring.h"
#include "keyd/root.h"

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: rendfly keys init --dir DIR   make DIR/keys (passphrase, sealed root key, keyring)\n"
	    "       rendfly keys list --dir DIR   workspaces, key ids and ages; no secret is shown\n\n"
	    "init changes nothing that is there. Keep root.passphrase and the keyring in backups of\n"
	    "their own: without them nothing sealed can be read again.\n");
	return status;
}

static int
list(const char *dir, struct err_detail *reterr)
{
	CLEANUP(keyring) struct keyring *k = NULL;

	if (keyring_open(dir, NULL, &k, reterr) != ERR_OK)
		return 1;
	(void)printf("%-38s%-38s%s\n", "workspace", "key", "created");
	for (size_t i = 0; i < keyring_count(k); i++) {
		const struct keyring_entry *entry = keyring_at(k, i);
		char workspace[UUID_TEXT_BYTES], key[UUID_TEXT_BYTES], created[32];
		time_t seconds = (time_t)(entry->created_ms / 1000);
		struct tm utc = { 0 };

		uuid_format(&entry->workspace, workspace);
		uuid_format(&entry->key_id, key);
		(void)gmtime_r(&seconds, &utc);
		(void)strftime(created, sizeof(created), "%Y-%m-%d %H:%M:%S UTC", &utc);
		(void)printf("%-38s%-38s%s\n", workspace, key, created);
	}
	return 0;
}

int
keys_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	int status = 1;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	if (argc != 4 || strcmp(argv[2], "--dir") != 0)
		return usage(stderr, 2);
	if (strcmp(argv[1], "init") == 0)
		status = root_init(argv[3], &detail) == ERR_OK ? 0 : 1;
	else if (strcmp(argv[1], "list") == 0)
		status = list(argv[3], &detail);
	else
		return usage(stderr, 2);
	if (status != 0)
		(void)fprintf(stderr, "rendfly keys: %s\n", detail.text);
	return status;
}
