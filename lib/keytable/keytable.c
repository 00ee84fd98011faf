/* SPDX-License-Identifier: Apache-2.0 */
/* keytable - maps and checks the published file, and looks keys up in it. */
#include "keytable/keytable.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "keytable/format.h"

struct keytable {
	void *mapped;
	size_t mapped_bytes;
	int64_t published_at_ms;
	EVP_MAC_CTX
	*mac; /* HMAC with the pepper as its key, made once: a look-up only starts it again */
	const struct keytable_entry *entries; /* inside mapped */
	size_t count;
};

static bool
is_strictly_sorted(const struct keytable_entry *entries, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (memcmp(entries[i - 1].hash, entries[i].hash, sizeof(entries[i].hash)) >= 0)
			return false;
	return true;
}

static EVP_MAC_CTX *
make_mac(const uint8_t pepper[static KEYTABLE_PEPPER_BYTES])
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);

	EVP_MAC_free(hmac);
	if (mac != NULL && EVP_MAC_init(mac, pepper, KEYTABLE_PEPPER_BYTES, params) == 1)
		return mac;
	EVP_MAC_CTX_free(mac);
	return NULL;
}

static bool
hash_key(const struct keytable *t, struct str key, uint8_t ret_hash[static SHA256_DIGEST_LENGTH])
{
	size_t len = 0;

	return EVP_MAC_init(t->mac, NULL, 0, NULL) == 1 &&
	    EVP_MAC_update(t->mac, (const unsigned char *)key.at, key.len) == 1 &&
	    EVP_MAC_final(t->mac, ret_hash, &len, SHA256_DIGEST_LENGTH) == 1 &&
	    len == SHA256_DIGEST_LENGTH;
}

/* The one place that believes the file's numbers, after each was checked against its size. */
static enum err
check_bytes(struct keytable *t, struct err_detail *reterr)
{
	const uint8_t *at = t->mapped;
	uint8_t digest[SHA256_DIGEST_LENGTH];
	struct keytable_head head;
	size_t body_bytes;

	if (at == NULL || t->mapped_bytes < KEYTABLE_MIN_BYTES)
		return err_set(reterr, ERR_MALFORMED, "shorter than an empty table");
	memcpy(&head, at, sizeof(head));
	if (memcmp(head.magic, KEYTABLE_MAGIC, sizeof(head.magic)) != 0 || head.zero != 0)
		return err_set(reterr, ERR_MALFORMED, "not a key table of version 1");
	if (head.count > KEYTABLE_MAX_ENTRIES || t->mapped_bytes != keytable_file_bytes(head.count))
		return err_set(reterr, ERR_MALFORMED, "its size does not fit its count");
	body_bytes = t->mapped_bytes - SHA256_DIGEST_LENGTH;
	(void)SHA256(at, body_bytes, digest);
	if (memcmp(digest, at + body_bytes, sizeof(digest)) != 0)
		return err_set(reterr, ERR_MALFORMED, "its checksum does not fit");

	t->published_at_ms = head.published_at_ms;
	t->entries = (const void *)(at + sizeof(head));
	t->count = head.count;
	if (!is_strictly_sorted(t->entries, t->count))
		return err_set(reterr, ERR_MALFORMED, "its entries are not in order");
	t->mac = make_mac(head.pepper);
	return t->mac == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
map_file(const char *path, struct keytable *t, struct err_detail *reterr)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_set(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
		    strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(reterr, ERR_IO, "%s: not a regular file", path);
	if (st.st_size <= 0 || (uint64_t)st.st_size > keytable_file_bytes(KEYTABLE_MAX_ENTRIES))
		return err_set(reterr, ERR_MALFORMED, "%s: no key table has this size", path);
	t->mapped_bytes = (size_t)st.st_size;
	t->mapped = mmap(NULL, t->mapped_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (t->mapped == MAP_FAILED) {
		t->mapped = NULL;
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	}
	return ERR_OK;
}

enum err
keytable_map(const char *path, struct keytable **ret_table, struct err_detail *reterr)
{
	struct keytable *t = calloc(1, sizeof(*t));
	struct err_detail why = { "" };
	enum err e;

	if (t == NULL)
		return ERR_NOMEM;
	e = map_file(path, t, reterr);
	if (e == ERR_OK) {
		e = check_bytes(t, &why);
		if (e != ERR_OK)
			(void)err_set(reterr, e, "%s: %s", path, why.text);
	}
	if (e == ERR_OK)
		*ret_table = t;
	else
		keytable_free(t);
	return e;
}

void
keytable_free(struct keytable *t)
{
	if (t == NULL)
		return;
	if (t->mapped != NULL)
		(void)munmap(t->mapped, t->mapped_bytes);
	EVP_MAC_CTX_free(t->mac);
	free(t);
}

int64_t
keytable_published_at_ms(const struct keytable *t)
{
	return t->published_at_ms;
}

size_t
keytable_count(const struct keytable *t)
{
	return t->count;
}

static int
compare_hash(const void *hash, const void *entry)
{
	return memcmp(hash, ((const struct keytable_entry *)entry)->hash, SHA256_DIGEST_LENGTH);
}

const struct keytable_entry *
keytable_find(const struct keytable *t, struct str key)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	if (key.len == 0 || key.len > KEYTABLE_KEY_MAX_BYTES || t->count == 0)
		return NULL;
	if (!hash_key(t, key, hash))
		return NULL;
	return bsearch(hash, t->entries, t->count, sizeof(*t->entries), compare_hash);
}
