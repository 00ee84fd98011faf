/* SPDX-License-Identifier: Apache-2.0 */
/*
 * params - typed parameters in libpq's form: bytes, texts and ids as they are (binary), numbers and
 * arrays as texts.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/hex.h"
#include "store/parts.h"

#define ARRAY_MAX_BYTES (128u << 20)
#define HEX_STEP_BYTES 512

/* An element between quotes, in PostgreSQL's array syntax. */
static enum err
append_quoted(struct buf *b, struct str text)
{
	enum err e = buf_append_byte(b, '"');
	size_t from = 0;

	for (size_t i = 0; e == ERR_OK && i < text.len; i++) {
		if (text.at[i] != '"' && text.at[i] != '\\')
			continue;
		e = buf_append_str(b, str_slice(text, from, i));
		if (e == ERR_OK)
			e = buf_append_byte(b, '\\');
		from = i;
	}
	if (e == ERR_OK)
		e = buf_append_str(b, str_slice(text, from, text.len));
	return e == ERR_OK ? buf_append_byte(b, '"') : e;
}

static enum err
append_hex(struct buf *b, struct str bytes)
{
	enum err e = buf_append_str(b, STR("\"\\\\x"));

	for (size_t from = 0; e == ERR_OK && from < bytes.len; from += HEX_STEP_BYTES) {
		struct str step = str_slice(bytes, from, from + HEX_STEP_BYTES);
		char digits[2 * HEX_STEP_BYTES + 1];

		hex_encode((const uint8_t *)step.at, step.len, digits);
		e = buf_append(b, digits, 2 * step.len);
	}
	return e == ERR_OK ? buf_append_byte(b, '"') : e;
}

static enum err
append_element(struct buf *b, const struct store_param *p, size_t i)
{
	char id[UUID_TEXT_BYTES];

	if (p->type == STORE_UUID_ARRAY) {
		uuid_format(&p->uuids[i], id);
		return buf_append_str(b, str_from(id));
	}
	if (p->type == STORE_INT_ARRAY)
		return buf_printf(b, "%" PRId64, p->numbers[i]);
	if (p->strings[i].at == NULL)
		return buf_append_str(b, STR("NULL"));
	return p->type == STORE_BYTEA_ARRAY ? append_hex(b, p->strings[i])
					    : append_quoted(b, p->strings[i]);
}

static enum err
append_array(struct buf *b, const struct store_param *p)
{
	enum err e = buf_append_byte(b, '{');

	for (size_t i = 0; e == ERR_OK && i < p->n; i++) {
		if (i > 0)
			e = buf_append_byte(b, ',');
		if (e == ERR_OK)
			e = append_element(b, p, i);
	}
	return e == ERR_OK ? buf_append_byte(b, '}') : e;
}

static enum err
make_text(struct store_args *args, size_t i, const struct store_param *p)
{
	enum err e = buf_new(ARRAY_MAX_BYTES, &args->texts[i]);

	if (e != ERR_OK)
		return e;
	if (p->type == STORE_INT)
		e = buf_printf(args->texts[i], "%" PRId64, p->number);
	else if (p->type == STORE_BOOL)
		e = buf_append_byte(args->texts[i], p->number != 0 ? 't' : 'f');
	else
		e = append_array(args->texts[i], p);
	args->values[i] = buf_c_string(args->texts[i]);
	return e;
}

static enum err
make_arg(struct store_args *args, size_t i, const struct store_param *p)
{
	struct str bytes = p->bytes;

	if (p->type == STORE_NULL)
		return ERR_OK;
	if (p->type == STORE_UUID)
		bytes = (struct str){ (const char *)p->uuid->bytes, UUID_BYTES };
	else if (p->type != STORE_TEXT && p->type != STORE_BYTEA)
		return make_text(args, i, p);
	if (bytes.len > INT32_MAX)
		return ERR_TOO_LARGE;
	args->values[i] = bytes.len == 0 ? "" : bytes.at;
	args->lengths[i] = (int)bytes.len;
	args->formats[i] = 1;
	return ERR_OK;
}

enum err
store_args_make(const struct store_param *params, size_t n, struct store_args *ret_args)
{
	struct store_args args = { .n = (int)n,
		.values = calloc(n + 1, sizeof(*args.values)),
		.lengths = calloc(n + 1, sizeof(*args.lengths)),
		.formats = calloc(n + 1, sizeof(*args.formats)),
		.texts = calloc(n + 1, sizeof(*args.texts)) };
	enum err e = args.values == NULL || args.lengths == NULL || args.formats == NULL ||
		args.texts == NULL
	    ? ERR_NOMEM
	    : ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < n; i++)
		e = make_arg(&args, i, &params[i]);
	if (e != ERR_OK)
		store_args_done(&args);
	else
		*ret_args = args;
	return e;
}

void
store_args_done(struct store_args *args)
{
	for (int i = 0; args->texts != NULL && i < args->n; i++)
		buf_free(args->texts[i]);
	free(args->values);
	free(args->lengths);
	free(args->formats);
	free(args->texts);
	*args = (struct store_args){ 0 };
}
