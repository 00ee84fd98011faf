/* SPDX-License-Identifier: Apache-2.0 */
/* names - the hashed set of names and of words that are none. */
#include "redact/names.h"
#include "redact/lexicon.h"

#include "names.inc"

#define CLASS_BITS 8

unsigned int
names_class(const uint8_t *folded, size_t len)
{
	return names_class_of(lexicon_hash_folded(folded, len));
}

unsigned int
names_class_of(uint64_t hash)
{
	for (size_t at = hash % NAMES_SLOTS; names_slots[at] != 0; at = (at + 1) % NAMES_SLOTS)
		if (names_slots[at] >> CLASS_BITS == hash >> 40)
			return names_slots[at] & ((1u << CLASS_BITS) - 1);
	return 0;
}
