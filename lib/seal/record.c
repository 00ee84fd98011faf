/* SPDX-License-Identifier: Apache-2.0 */
/* record - a sealed value with its key's id and commitment, bound to the place where it lives. */
#include <string.h>

#include "base/secret.h"
#include "seal/seal.h"

#define AAD_MAX_BYTES 1024

static enum err
append_field(struct buf *aad, struct str field)
{
	const uint8_t len[4] = { (uint8_t)(field.len >> 24), (uint8_t)(field.len >> 16),
		(uint8_t)(field.len >> 8), (uint8_t)field.len };
	enum err e = buf_append(aad, len, sizeof(len));

	return e == ERR_OK ? buf_append_str(aad, field) : e;
}

static struct str
uuid_view(const struct uuid *id)
{
	return (struct str){ (const char *)id->bytes, UUID_BYTES };
}

static enum err
make_aad(const struct seal_place *place, const struct uuid *key_id, struct buf **ret_aad)
{
	CLEANUP(buf) struct buf *aad = NULL;
	const struct str fields[] = { STR("\x01"), place->table, place->column,
		uuid_view(&place->workspace), uuid_view(&place->row), uuid_view(key_id) };
	enum err e = buf_new(AAD_MAX_BYTES, &aad);

	for (size_t i = 0; e == ERR_OK && i < sizeof(fields) / sizeof(fields[0]); i++)
		e = append_field(aad, fields[i]);
	if (e == ERR_OK)
		*ret_aad = TAKE(aad);
	return e;
}

/* Collision-resistant in the key, so that a record opens under one key only. */
static enum err
make_commitment(const uint8_t key[static SEAL_KEY_BYTES],
    const uint8_t nonce[static SEAL_NONCE_BYTES],
    uint8_t ret_commitment[static SEAL_COMMITMENT_BYTES])
{
	return seal_hkdf((struct str){ (const char *)key, SEAL_KEY_BYTES },
	    (struct str){ (const char *)nonce, SEAL_NONCE_BYTES }, STR("rendfly key commitment 1"),
	    ret_commitment, SEAL_COMMITMENT_BYTES);
}

enum err
seal_record(const uint8_t key[static SEAL_KEY_BYTES], const struct uuid *key_id,
    const struct seal_place *place, struct str plaintext, struct buf *out)
{
	CLEANUP(buf) struct buf *aad = NULL;
	uint8_t head[SEAL_HEAD_BYTES] = { SEAL_VERSION };
	uint8_t *commitment = head + 1 + UUID_BYTES;
	uint8_t *nonce = commitment + SEAL_COMMITMENT_BYTES;
	size_t start = buf_len(out);
	enum err e = make_aad(place, key_id, &aad);

	memcpy(head + 1, key_id->bytes, UUID_BYTES);
	if (e == ERR_OK)
		e = seal_random(nonce, SEAL_NONCE_BYTES);
	if (e == ERR_OK)
		e = make_commitment(key, nonce, commitment);
	if (e == ERR_OK)
		e = buf_append(out, head, sizeof(head));
	if (e == ERR_OK)
		e = xaes_seal(key, nonce, buf_str(aad), plaintext, out);
	if (e != ERR_OK)
		buf_truncate(out, start);
	return e;
}

bool
seal_record_key_id(struct str record, struct uuid *ret_key_id)
{
	if (record.len < SEAL_OVERHEAD_BYTES || record.at[0] != SEAL_VERSION)
		return false;
	memcpy(ret_key_id->bytes, record.at + 1, UUID_BYTES);
	return true;
}

enum err
seal_open(const uint8_t key[static SEAL_KEY_BYTES], const struct seal_place *place,
    struct str record, struct buf *out)
{
	CLEANUP(buf) struct buf *aad = NULL;
	uint8_t commitment[SEAL_COMMITMENT_BYTES];
	const uint8_t *claimed, *nonce;
	struct uuid key_id;
	enum err e;

	if (!seal_record_key_id(record, &key_id))
		return ERR_DENIED;
	claimed = (const uint8_t *)record.at + 1 + UUID_BYTES;
	nonce = claimed + SEAL_COMMITMENT_BYTES;
	e = make_commitment(key, nonce, commitment);
	if (e != ERR_OK)
		return e;
	if (!secret_bytes_equal(claimed, commitment, SEAL_COMMITMENT_BYTES))
		return ERR_DENIED;
	e = make_aad(place, &key_id, &aad);
	if (e != ERR_OK)
		return e;
	return xaes_open(key, nonce, buf_str(aad), str_slice(record, SEAL_HEAD_BYTES, record.len),
	    out);
}
