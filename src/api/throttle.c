/* SPDX-License-Identifier: Apache-2.0 */
#include "api/throttle.h"

#include <arpa/inet.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/random.h>

#include "base/buf.h"

#define BUCKETS 2048
#define ENTRIES_A_BUCKET 8
#define KEY_BYTES 32
#define FIRST_DELAY_MS 1000

struct entry {
	uint8_t who[KEY_BYTES];
	int64_t last_ms;
	int64_t not_before_ms;
	unsigned int failures; /* 0: free */
};

struct throttle {
	pthread_mutex_t lock;
	uint8_t key[KEY_BYTES];
	struct entry entries[BUCKETS][ENTRIES_A_BUCKET];
};

enum err
throttle_new(struct throttle **ret_throttle)
{
	struct throttle *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return ERR_NOMEM;
	if (getrandom(t->key, sizeof(t->key), 0) != (ssize_t)sizeof(t->key) ||
	    pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return ERR_IO;
	}
	*ret_throttle = t;
	return ERR_OK;
}

void
throttle_free(struct throttle *t)
{
	if (t == NULL)
		return;
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

/* The bytes that stand for the address's network; what is no address stands for itself. */
static size_t
network_of(struct str address, uint8_t ret_network[static 16])
{
	char text[INET6_ADDRSTRLEN];

	if (address.len >= sizeof(text))
		return 0;
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(address));
	if (inet_pton(AF_INET, text, ret_network) == 1)
		return 3;
	if (inet_pton(AF_INET6, text, ret_network) == 1)
		return 8;
	return 0;
}

static bool
hash_who(const struct throttle *t, struct str account, struct str address, uint8_t *ret_who)
{
	CLEANUP(buf) struct buf *message = NULL;
	uint8_t network[16];
	unsigned int len = KEY_BYTES;
	size_t network_bytes = network_of(address, network);

	if (buf_new(1024, &message) != ERR_OK ||
	    buf_append(message, network, network_bytes) != ERR_OK ||
	    buf_append_byte(message, '|') != ERR_OK ||
	    buf_append_str(message, str_slice(account, 0, 512)) != ERR_OK)
		return false;
	return HMAC(EVP_sha256(), t->key, KEY_BYTES, (const uint8_t *)buf_str(message).at,
		   buf_len(message), ret_who, &len) != NULL;
}

static struct entry *
find_entry(struct entry *bucket, const uint8_t *who)
{
	for (size_t i = 0; i < ENTRIES_A_BUCKET; i++)
		if (bucket[i].failures > 0 && memcmp(bucket[i].who, who, KEY_BYTES) == 0)
			return &bucket[i];
	return NULL;
}

static struct entry *
oldest_entry(struct entry *bucket)
{
	struct entry *oldest = &bucket[0];

	for (size_t i = 1; i < ENTRIES_A_BUCKET; i++)
		if (bucket[i].last_ms < oldest->last_ms)
			oldest = &bucket[i];
	return oldest;
}

static int64_t
delay_after(unsigned int failures)
{
	unsigned int doublings = failures - THROTTLE_FREE_FAILURES;
	int64_t delay_ms;

	if (failures < THROTTLE_FREE_FAILURES)
		return 0;
	if (doublings > 20)
		return THROTTLE_MAX_DELAY_MS;
	delay_ms = (int64_t)FIRST_DELAY_MS << doublings;
	return delay_ms > THROTTLE_MAX_DELAY_MS ? THROTTLE_MAX_DELAY_MS : delay_ms;
}

static struct entry *
bucket_of(struct throttle *t, const uint8_t *who)
{
	return t->entries[((size_t)who[0] << 8 | who[1]) % BUCKETS];
}

static int64_t
try_locked(struct throttle *t, const uint8_t *who, int64_t now_ms)
{
	struct entry *bucket = bucket_of(t, who);
	struct entry *e = find_entry(bucket, who);

	if (e == NULL) {
		e = oldest_entry(bucket);
		*e = (struct entry){ 0 };
		memcpy(e->who, who, KEY_BYTES);
	}
	/* Quiet since the delay ended, not since the attempt: else the longest delay would clear
	 * it. */
	if (now_ms - e->not_before_ms > THROTTLE_MAX_DELAY_MS &&
	    now_ms - e->last_ms > THROTTLE_MAX_DELAY_MS)
		e->failures = 0;
	if (e->failures > 0 && now_ms < e->not_before_ms)
		return e->not_before_ms - now_ms;
	e->failures++;
	e->last_ms = now_ms;
	e->not_before_ms = now_ms + delay_after(e->failures);
	return 0;
}

int64_t
throttle_try(struct throttle *t, struct str account, struct str address, int64_t now_ms)
{
	uint8_t who[KEY_BYTES];
	int64_t wait_ms;

	if (!hash_who(t, account, address, who))
		return FIRST_DELAY_MS;
	(void)pthread_mutex_lock(&t->lock);
	wait_ms = try_locked(t, who, now_ms);
	(void)pthread_mutex_unlock(&t->lock);
	return wait_ms;
}

void
throttle_forget(struct throttle *t, struct str account, struct str address)
{
	uint8_t who[KEY_BYTES];
	struct entry *e;

	if (!hash_who(t, account, address, who))
		return;
	(void)pthread_mutex_lock(&t->lock);
	e = find_entry(bucket_of(t, who), who);
	if (e != NULL)
		*e = (struct entry){ 0 };
	(void)pthread_mutex_unlock(&t->lock);
}
