/* SPDX-License-Identifier: Apache-2.0 */
/* model_open - the judging model that the configuration names; see model_open.h. */
#include "judge/model_open.h"

#include <string.h>

#include "base/file.h"

#define KEY_MAX_BYTES 4096
#define FIRST_BACKOFF_MS 500

static enum err
read_key(const char *path, struct secret **ret_key, struct err_detail *reterr)
{
	CLEANUP(secret) struct secret *key = NULL;
	CLEANUP(buf) struct buf *bytes = NULL;
	struct str trimmed;
	enum err e = buf_new(KEY_MAX_BYTES, &bytes);

	if (e == ERR_OK)
		e = file_read(path, bytes, reterr);
	if (e != ERR_OK)
		return e;
	trimmed = str_trim(buf_str(bytes));
	if (trimmed.len == 0)
		return err_set(reterr, ERR_MALFORMED, "judge_key_file %s is empty", path);
	e = secret_new(trimmed.len, &key);
	if (e != ERR_OK)
		return e;
	memcpy(secret_bytes(key), trimmed.at, trimmed.len);
	*ret_key = TAKE(key);
	return ERR_OK;
}

enum err
model_open(const struct conf *c, struct secret **ret_key, struct model_client **ret_client,
    struct err_detail *reterr)
{
	struct model_conf model = {
		.base_url = c->judge_base_url,
		.model = c->judge_model,
		.ca_file = c->judge_ca_file,
		.timeout_ms = c->judge_timeout_s * 1000,
		.backoff_ms = FIRST_BACKOFF_MS,
		.max_parallel = (size_t)c->judge_parallel,
	};
	enum err e = ERR_OK;

	if (c->judge_base_url[0] == '\0')
		return ERR_OK;
	if (c->judge_model[0] == '\0')
		return err_set(reterr, ERR_MALFORMED, "judge_base_url is set, judge_model is not");
	if (c->judge_key_file[0] != '\0')
		e = read_key(c->judge_key_file, ret_key, reterr);
	if (e != ERR_OK)
		return e;
	model.key = *ret_key;
	return model_client_new(&model, ret_client, reterr);
}
