/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/calls.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/strict_json.h"
#include "https/https.h"
#include "seal/seal.h"

#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"
#define AUTHORITIES_MAX_BYTES (4u << 20)
#define ROLE_ID_MAX_BYTES 256
#define URL_BYTES 768
#define CONNECT_MS 2000L
#define ONE_CALL_MS 3000
#define PAUSE_FIRST_MS 100
#define PAUSE_MOST_MS 2000
/* What our ciphertexts are bound to, beside the key. */
#define BOUND_TO "rendfly root half 1"

struct vault {
	char address[CONF_VALUE_BYTES], mount[CONF_VALUE_BYTES], key[CONF_VALUE_BYTES];
	struct buf *authorities, *role_id, *answer;
	CURL *curl;
	struct vault_auth auth;
	int64_t got_at_ms; /* the token, or its last renewal */
	struct err_detail last;
};

enum err
vault_new(const struct conf *conf, struct vault **ret_vault, struct err_detail *reterr)
{
	struct vault *v = calloc(1, sizeof(*v));
	const char *ca = conf->vault_ca_file[0] != '\0' ? conf->vault_ca_file : SYSTEM_AUTHORITIES;
	enum err e;

	if (v == NULL)
		return ERR_NOMEM;
	(void)snprintf(v->address, sizeof(v->address), "%s", conf->vault_addr);
	(void)snprintf(v->mount, sizeof(v->mount), "%s", conf->vault_mount);
	(void)snprintf(v->key, sizeof(v->key), "%s", conf->vault_key);
	e = buf_new(AUTHORITIES_MAX_BYTES, &v->authorities);
	if (e == ERR_OK)
		e = buf_new(ROLE_ID_MAX_BYTES, &v->role_id);
	if (e == ERR_OK)
		e = buf_new(VAULT_ANSWER_MAX_BYTES, &v->answer);
	if (e == ERR_OK)
		e = file_read(ca, v->authorities, reterr);
	if (e == ERR_OK)
		e = file_read(conf->vault_role_id_file, v->role_id, reterr);
	v->curl = curl_easy_init();
	if (e == ERR_OK && v->curl == NULL)
		e = ERR_NOMEM;
	if (e == ERR_OK && strncmp(v->address, "https://", 8) != 0)
		e = err_set(reterr, ERR_MALFORMED, "vault_addr must begin with https://");
	if (e == ERR_OK)
		*ret_vault = v;
	else
		vault_free(v);
	return e;
}

void
vault_free(struct vault *v)
{
	if (v == NULL)
		return;
	buf_free(v->authorities);
	buf_free(v->role_id);
	buf_free(v->answer);
	curl_easy_cleanup(v->curl);
	explicit_bzero(v, sizeof(*v));
	free(v);
}

const char *
vault_last_error(const struct vault *v)
{
	return v->last.text;
}

/* ---- one call */

struct call {
	const char *path; /* behind /v1/ */
	json_t *body;     /* borrowed; NULL: an empty object */
	const char *token;
};

static size_t
keep_answer(char *bytes, size_t size, size_t n, void *to)
{
	return buf_append(to, bytes, size * n) == ERR_OK ? size * n : 0;
}

static bool
set_options(struct vault *v, const char *url, const struct buf *body, struct curl_slist *headers)
{
	CURL *c = v->curl;

	return https_confine(c, v->authorities) &&
	    curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)ONE_CALL_MS) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, buf_c_string(body)) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)buf_len(body)) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep_answer) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, v->answer) == CURLE_OK;
}

/* The detail names path and status; neither the answer nor the request, which hold secrets. */
static enum err
perform(struct vault *v, const char *path)
{
	CURLcode why = curl_easy_perform(v->curl);
	long status = 0;

	if (why != CURLE_OK)
		return err_set(&v->last, ERR_BUSY, "%s: %s", path, curl_easy_strerror(why));
	(void)curl_easy_getinfo(v->curl, CURLINFO_RESPONSE_CODE, &status);
	if (vault_status(status) == ERR_OK)
		return ERR_OK;
	return err_set(&v->last, vault_status(status), "%s: status %ld%s", path, status,
	    status == 503 ? " (sealed, or not ready)" : "");
}

static void
free_headers(struct curl_slist **at)
{
	curl_slist_free_all(*at);
}

static enum err
call_once(struct vault *v, const struct call *c, const struct buf *body)
{
	__attribute__((cleanup(free_headers))) struct curl_slist *headers =
	    curl_slist_append(NULL, "Content-Type: application/json");
	char url[URL_BYTES], header[sizeof(v->auth.token) + 32];
	struct curl_slist *more;
	enum err e;

	(void)snprintf(url, sizeof(url), "%s/v1/%s", v->address, c->path);
	(void)snprintf(header, sizeof(header), "X-Vault-Token: %s",
	    c->token == NULL ? "" : c->token);
	more = c->token == NULL ? headers : curl_slist_append(headers, header);
	explicit_bzero(header, sizeof(header));
	if (more == NULL)
		return ERR_NOMEM;
	headers = more;
	buf_clear(v->answer);
	curl_easy_reset(v->curl);
	e = set_options(v, url, body, headers) ? perform(v, c->path) : ERR_NOMEM;
	return e;
}

static void
pause_ms(int64_t ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Between half of it and all of it, so that many clients do not come back at once. */
static int64_t
with_jitter(int64_t ms)
{
	uint8_t random = 0;

	(void)!seal_random(&random, 1);
	return ms / 2 + ms * random / 512;
}

static enum err
call(struct vault *v, const struct call *c, int64_t patience_ms)
{
	CLEANUP(buf) struct buf *body = NULL;
	int64_t until_ms = clock_monotonic_ms() + patience_ms, pause = PAUSE_FIRST_MS;
	enum err e = buf_new(VAULT_ANSWER_MAX_BYTES, &body);

	if (e == ERR_OK)
		e = c->body == NULL ? buf_append_str(body, STR("{}"))
				    : strict_json_write(c->body, body);
	while (e == ERR_OK) {
		int64_t wait;

		e = call_once(v, c, body);
		wait = with_jitter(pause);
		if (e != ERR_BUSY || clock_monotonic_ms() + wait >= until_ms)
			break;
		pause_ms(wait);
		pause = pause * 2 < PAUSE_MOST_MS ? pause * 2 : PAUSE_MOST_MS;
		e = ERR_OK;
	}
	return e;
}

/* ---- the calls */

enum err
vault_unwrap(struct vault *v, struct str token, int64_t patience_ms, struct buf *secret_id)
{
	char text[sizeof(v->auth.token)];
	const struct call c = { "sys/wrapping/unwrap", NULL, text };
	enum err e;

	if (token.len == 0 || token.len >= sizeof(text))
		return ERR_MALFORMED;
	memcpy(text, token.at, token.len);
	text[token.len] = '\0';
	e = call(v, &c, patience_ms);
	explicit_bzero(text, sizeof(text));
	/* A token that was used, by us or by a thief, is a bad request to Vault. */
	if (e == ERR_MALFORMED)
		e = ERR_DENIED;
	return e == ERR_OK ? vault_read_text(buf_str(v->answer), "secret_id", secret_id) : e;
}

static enum err
take_auth(struct vault *v, int64_t asked_at_ms)
{
	struct vault_auth auth;
	enum err e = vault_read_auth(buf_str(v->answer), &auth);

	buf_clear(v->answer);
	if (e != ERR_OK)
		return err_set(&v->last, e, "an answer without a token");
	v->auth = auth;
	v->got_at_ms = asked_at_ms;
	explicit_bzero(&auth, sizeof(auth));
	return ERR_OK;
}

enum err
vault_log_in(struct vault *v, struct str secret_id, int64_t patience_ms)
{
	CLEANUP_STRICT_JSON json_t *body = json_object();
	const struct call c = { "auth/approle/login", body, NULL };
	int64_t now_ms = clock_monotonic_ms();
	enum err e;

	if (json_object_set_new(body, "role_id",
		strict_json_string(str_trim(buf_str(v->role_id)))) != 0 ||
	    json_object_set_new(body, "secret_id", strict_json_string(secret_id)) != 0)
		return ERR_MALFORMED;
	e = call(v, &c, patience_ms);
	/* "invalid role or secret ID" is a bad request to Vault. */
	if (e == ERR_MALFORMED)
		e = ERR_DENIED;
	return e == ERR_OK ? take_auth(v, now_ms) : e;
}

enum err
vault_renew(struct vault *v, int64_t patience_ms)
{
	const struct call c = { "auth/token/renew-self", NULL, v->auth.token };
	int64_t now_ms = clock_monotonic_ms();
	enum err e = v->auth.is_renewable ? call(v, &c, patience_ms) : ERR_DENIED;

	return e == ERR_OK ? take_auth(v, now_ms) : e;
}

enum err
vault_revoke(struct vault *v, int64_t patience_ms)
{
	const struct call c = { "auth/token/revoke-self", NULL, v->auth.token };
	enum err e = call(v, &c, patience_ms);

	explicit_bzero(&v->auth, sizeof(v->auth));
	return e;
}

int64_t
vault_lease_end_ms(const struct vault *v)
{
	return v->auth.lease_s == 0 ? INT64_MAX : v->got_at_ms + v->auth.lease_s * 1000;
}

int64_t
vault_renew_at_ms(const struct vault *v)
{
	return v->auth.lease_s == 0 ? INT64_MAX : v->got_at_ms + v->auth.lease_s * 500;
}

static enum err
transit(struct vault *v, const char *verb, const char *field, struct str value, int64_t patience_ms)
{
	CLEANUP_STRICT_JSON json_t *body = json_object();
	CLEANUP(buf) struct buf *bound = NULL;
	char path[2 * CONF_VALUE_BYTES + 32];
	const struct call c = { path, body, v->auth.token };
	enum err e = buf_new(256, &bound);

	(void)snprintf(path, sizeof(path), "%s/%s/%s", v->mount, verb, v->key);
	if (e == ERR_OK)
		e = base64_encode(STR(BOUND_TO), bound);
	if (e != ERR_OK)
		return e;
	if (json_object_set_new(body, field, strict_json_string(value)) != 0 ||
	    json_object_set_new(body, "associated_data", strict_json_string(buf_str(bound))) != 0)
		return ERR_NOMEM;
	return call(v, &c, patience_ms);
}

enum err
vault_encrypt(struct vault *v, struct str bytes, int64_t patience_ms, struct buf *ciphertext)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = buf_new(VAULT_TEXT_MAX_BYTES, &text);

	if (e == ERR_OK)
		e = base64_encode(bytes, text);
	if (e == ERR_OK)
		e = transit(v, "encrypt", "plaintext", buf_str(text), patience_ms);
	return e == ERR_OK ? vault_read_text(buf_str(v->answer), "ciphertext", ciphertext) : e;
}

enum err
vault_decrypt(struct vault *v, struct str ciphertext, int64_t patience_ms, struct buf *bytes)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = buf_new(VAULT_TEXT_MAX_BYTES, &text);

	if (e == ERR_OK)
		e = transit(v, "decrypt", "ciphertext", ciphertext, patience_ms);
	if (e == ERR_OK)
		e = vault_read_text(buf_str(v->answer), "plaintext", text);
	buf_clear(v->answer);
	return e == ERR_OK ? base64_decode(buf_str(text), bytes) : e;
}
