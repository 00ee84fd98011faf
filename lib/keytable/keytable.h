/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keytable - the file of hashed ingest keys and limits that the steward publishes and the edge
 * maps read-only: dir/run/keytable, replaced by rename, so that a reader sees one whole version.
 *
 *   magic "RFKT0001" | published_at_ms i64 | pepper 32 | count u32 | zero u32 | entries, sorted by
 *   hash | SHA-256 of all before it
 *
 * Numbers are little-endian.  An entry is a struct keytable_entry as laid out below.  The hash is
 * HMAC-SHA-256(pepper, key text); lookup is a binary search over public-length hashes of 256 bits
 * of which the searcher's input is itself a MAC, so timing tells nothing about keys.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

#define KEYTABLE_MAX_ENTRIES 1000000

struct keytable_entry {
	uint8_t hash[32];
	struct uuid workspace;
	struct uuid project;
	struct uuid key;
	uint32_t rate_per_minute; /* of the workspace */
	uint32_t burst;
};

struct keytable; /* a checked, mapped file */

MUST_CHECK enum err keytable_map(const char *path, struct keytable **ret_table,
    struct err_detail *reterr);
void keytable_free(struct keytable *t);
CLEANUP_DEFINE(keytable);

int64_t keytable_published_at_ms(const struct keytable *t);
size_t keytable_count(const struct keytable *t);

#define KEYTABLE_KEY_MAX_BYTES 256 /* of the key's text; longer ones are unknown */

/* HMAC-SHA-256(pepper, key): what an entry holds of its key.  False when OpenSSL fails. */
bool keytable_hash(const uint8_t pepper[static 32], struct str key, uint8_t ret_hash[static 32]);

/* NULL when the key is unknown or revoked (revoked keys are not in the table). */
const struct keytable_entry *keytable_find(const struct keytable *t, struct str key);

/* Sorts entries in place, then replaces the file. */
MUST_CHECK enum err keytable_write(const char *path, int64_t published_at_ms,
    const uint8_t pepper[static 32], struct keytable_entry *entries, size_t n,
    struct err_detail *reterr);
