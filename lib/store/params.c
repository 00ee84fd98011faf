/* SPDX-License-Identifier: Apache-2.0 */
/*
 * params - typed parameters in libpq's form: bytes, texts, ids and arrays as they are (binary),
 * numbers as texts, so that a statement may take them for any kind of number.
 *
 * An array goes as PostgreSQL's array_send writes it: dimensions, whether there are NULLs, the
 * type of the elements, their number and the first one's index, then each with its length before
 * it; all in network order.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>

#include "store/parts.h"

#define ARRAY_MAX_BYTES (128u << 20)
#define NUMBER_MAX_BYTES 32
#define NULL_LENGTH UINT32_MAX

/* The elements' types by their fixed numbers: src/include/catalog/pg_type.dat of PostgreSQL. */
static const uint32_t ELEMENT_TYPES[] = {
	[STORE_UUID_ARRAY] = 2950,
	[STORE_BYTEA_ARRAY] = 17,
	[STORE_TEXT_ARRAY] = 25,
	[STORE_INT_ARRAY] = 20,
};

static enum err
append_u32(struct buf *b, uint32_t number)
{
	number = htonl(number);
	return buf_append(b, &number, sizeof(number));
}

static enum err
append_element(struct buf *b, struct str bytes)
{
	enum err e;

	if (bytes.at == NULL)
		return append_u32(b, NULL_LENGTH);
	if (bytes.len > INT32_MAX)
		return ERR_TOO_LARGE;
	e = append_u32(b, (uint32_t)bytes.len);
	return e == ERR_OK ? buf_append_str(b, bytes) : e;
}

static enum err
append_elements(struct buf *b, const struct store_param *p)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < p->n; i++) {
		if (p->type == STORE_UUID_ARRAY)
			e = append_element(b,
			    (struct str){ (const char *)p->uuids[i].bytes, UUID_BYTES });
		else if (p->type == STORE_INT_ARRAY) {
			uint64_t number = htobe64((uint64_t)p->numbers[i]);

			e = append_element(b,
			    (struct str){ (const char *)&number, sizeof(number) });
		} else
			e = append_element(b, p->strings[i]);
	}
	return e;
}

static enum err
append_array(struct buf *b, const struct store_param *p)
{
	const uint32_t head[] = { p->n > 0, 1, ELEMENT_TYPES[p->type], (uint32_t)p->n, 1 };
	size_t n_head = p->n > 0 ? 5 : 3;
	enum err e = p->n > INT32_MAX ? ERR_TOO_LARGE : ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < n_head; i++)
		e = append_u32(b, head[i]);
	return e == ERR_OK ? append_elements(b, p) : e;
}

static enum err
make_array(struct store_args *args, size_t i, const struct store_param *p)
{
	enum err e = buf_new(ARRAY_MAX_BYTES, &args->texts[i]);

	if (e == ERR_OK)
		e = append_array(args->texts[i], p);
	if (e != ERR_OK)
		return e;
	args->values[i] = buf_str(args->texts[i]).at;
	args->lengths[i] = (int)buf_len(args->texts[i]);
	args->formats[i] = 1;
	return ERR_OK;
}

static enum err
make_number(struct store_args *args, size_t i, const struct store_param *p)
{
	enum err e = buf_new(NUMBER_MAX_BYTES, &args->texts[i]);

	if (e != ERR_OK)
		return e;
	if (p->type == STORE_BOOL)
		e = buf_append_byte(args->texts[i], p->number != 0 ? 't' : 'f');
	else
		e = buf_printf(args->texts[i], "%" PRId64, p->number);
	args->values[i] = buf_c_string(args->texts[i]);
	return e;
}

static enum err
make_arg(struct store_args *args, size_t i, const struct store_param *p)
{
	struct str bytes = p->bytes;

	if (p->type == STORE_NULL)
		return ERR_OK;
	if (p->type == STORE_INT || p->type == STORE_BOOL)
		return make_number(args, i, p);
	if (ELEMENT_TYPES[p->type] != 0)
		return make_array(args, i, p);
	if (p->type == STORE_UUID)
		bytes = (struct str){ (const char *)p->uuid->bytes, UUID_BYTES };
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
		.texts = calloc(n + 1, sizeof(struct buf *)) };
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
