/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/answer.h"

#include <string.h>

#include "base/strict_json.h"

#define LEASE_MAX_S (366L * 24 * 3600)

enum err
vault_read_auth(struct str json, struct vault_auth *ret_auth)
{
	CLEANUP_STRICT_JSON json_t *root = NULL;
	struct vault_auth a = { .lease_s = -1 };
	const json_t *auth, *lease;
	struct str token;
	enum err e = strict_json_read(json, VAULT_ANSWER_MAX_BYTES, &root, NULL);

	if (e != ERR_OK)
		return e;
	auth = json_object_get(root, "auth");
	token = strict_json_text(json_object_get(auth, "client_token"));
	lease = json_object_get(auth, "lease_duration");
	if (token.at == NULL || token.len == 0 || token.len >= sizeof(a.token) ||
	    !json_is_integer(lease))
		return ERR_MALFORMED;
	a.lease_s = json_integer_value(lease);
	a.is_renewable = json_is_true(json_object_get(auth, "renewable"));
	if (a.lease_s < 0 || a.lease_s > LEASE_MAX_S)
		return ERR_MALFORMED;
	/* It goes into a header line. */
	for (size_t i = 0; i < token.len; i++)
		if (token.at[i] <= ' ' || token.at[i] > '~')
			return ERR_MALFORMED;
	memcpy(a.token, token.at, token.len);
	*ret_auth = a;
	explicit_bzero(&a, sizeof(a));
	return ERR_OK;
}

enum err
vault_read_text(struct str json, const char *name, struct buf *out)
{
	CLEANUP_STRICT_JSON json_t *root = NULL;
	struct str text;
	enum err e = strict_json_read(json, VAULT_ANSWER_MAX_BYTES, &root, NULL);

	if (e != ERR_OK)
		return e;
	text = strict_json_text(json_object_get(json_object_get(root, "data"), name));
	if (text.at == NULL || text.len == 0 || text.len > VAULT_TEXT_MAX_BYTES)
		return ERR_MALFORMED;
	return buf_append_str(out, text);
}

enum err
vault_status(long status)
{
	static const struct {
		long status;
		enum err e;
	} known[] = { { 200, ERR_OK }, { 204, ERR_OK }, { 400, ERR_MALFORMED }, { 403, ERR_DENIED },
		{ 404, ERR_MALFORMED }, { 405, ERR_MALFORMED }, { 412, ERR_BUSY },
		{ 429, ERR_BUSY }, { 472, ERR_BUSY }, { 473, ERR_BUSY }, { 500, ERR_BUSY },
		{ 502, ERR_BUSY }, { 503, ERR_BUSY }, { 504, ERR_BUSY } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].e;
	return ERR_MALFORMED;
}
