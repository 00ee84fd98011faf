/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format - the layout that the writer and the mapper of a key table share; keytable.h describes it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytable/keytable.h"

#define KEYTABLE_MAGIC "RFKT0001"
#define KEYTABLE_PEPPER_BYTES 32
#define KEYTABLE_CHECKSUM_BYTES 32

struct keytable_head {
	char magic[8];
	int64_t published_at_ms;
	uint8_t pepper[KEYTABLE_PEPPER_BYTES];
	uint32_t count;
	uint32_t zero;
};

/* The structs are the file: no padding, and the numbers of a little-endian machine. */
_Static_assert(sizeof(struct keytable_head) == 56, "the head has no padding");
_Static_assert(sizeof(struct keytable_entry) == 88, "an entry has no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a big-endian port must swap numbers");

#define KEYTABLE_MIN_BYTES (sizeof(struct keytable_head) + KEYTABLE_CHECKSUM_BYTES)

static inline size_t
keytable_file_bytes(size_t count)
{
	return KEYTABLE_MIN_BYTES + count * sizeof(struct keytable_entry);
}
