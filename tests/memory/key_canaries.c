/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_canaries - prints every key of a data folder, for the test that then looks for them in the
 * memory of the running processes.  One line a key: what it is, and its bytes in hexadecimal.
 *
 * The data folder is a test's own: nothing of ours ever prints a key of another.
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "keyd/keyring.h"
#include "keyd/requests.h"
#include "keyd/root.h"
#include "keyd/wrapping.h"

static void
print_key(const char *what, const uint8_t *key)
{
	char hex[2 * SEAL_KEY_BYTES + 1];

	hex_encode(key, SEAL_KEY_BYTES, hex);
	(void)printf("%s %s\n", what, hex);
}

static enum err
print_globals(const struct secret *root)
{
	/* The context's key and the ingest pepper are given to others, by design. */
	static const char *const names[KEY_N_GLOBALS] = { [KEY_TOKEN] = "token-seed",
		[KEY_PASSWORD] = "password-pepper",
		[KEY_AUDIT] = "audit-seed",
		[KEY_AUDIT_MEMORY] = "audit-memory" };
	struct keyd k = { 0 };
	enum err e = globals_derive(root, &k.globals);

	for (size_t i = 0; e == ERR_OK && i < KEY_N_GLOBALS; i++)
		if (names[i] != NULL)
			print_key(names[i], secret_view(k.globals) + i * SEAL_KEY_BYTES);
	secret_free(k.globals);
	return e;
}

struct pairs {
	struct keyring_file *file;
};

static enum err
print_pair(void *to, const struct key_record *r)
{
	const struct pairs *p = to;
	uint8_t pair[KEY_PAIR_BYTES];
	enum err e = keyring_file_unseal(p->file, r, pair);

	if (e == ERR_OK && r->kind == KEY_OF_WORKSPACE) {
		print_key("seal-half", pair);
		print_key("pseudonym-half", pair + SEAL_KEY_BYTES);
	}
	return e;
}

static enum err
print_purposes(struct keyring *ring)
{
	for (size_t i = 0; i < keyring_count(ring); i++) {
		const struct key_record *r = keyring_at(ring, i);

		for (int p = 0; r->kind == KEY_OF_WORKSPACE && p < KEY_N_PURPOSES; p++) {
			const uint8_t *key;
			struct uuid id;
			enum err e =
			    keyring_key(ring, &r->workspace, (enum key_purpose)p, &key, &id);

			if (e != ERR_OK)
				return e;
			print_key("purpose", key);
		}
	}
	return ERR_OK;
}

static enum err
print_all(const char *dir, struct err_detail *reterr)
{
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	CLEANUP(keyring_file) struct keyring_file *file = NULL;
	CLEANUP(wrapping) struct wrapping *wrapping = NULL;
	struct pairs pairs = { NULL };
	enum err e = root_open(dir, ROOT_IN_FORCE, &root, reterr);

	if (e == ERR_OK) {
		print_key("root", secret_view(root));
		e = print_globals(root);
	}
	if (e == ERR_OK)
		e = wrapping_open(dir, root, &wrapping, reterr);
	if (e == ERR_OK) {
		print_key("wrapping", secret_view(wrapping_key(wrapping)));
		e = keyring_file_open(dir, root, &file, reterr);
	}
	pairs.file = file;
	if (e == ERR_OK)
		e = keyring_file_read(file, print_pair, &pairs, reterr);
	if (e == ERR_OK)
		e = keyring_open(dir, root, &ring, reterr);
	return e == ERR_OK ? print_purposes(ring) : e;
}

int
main(int argc, char **argv)
{
	struct err_detail detail = { "" };

	if (argc != 2)
		return 2;
	if (print_all(argv[1], &detail) == ERR_OK)
		return 0;
	(void)fprintf(stderr, "key_canaries: %s\n", detail.text);
	return 1;
}
