/* SPDX-License-Identifier: Apache-2.0 */
/* fold_table - what characters become, by a table of code point ranges. */
#include "redact/fold.h"

enum fold_kind {
	FOLD_DROP,     /* invisible */
	FOLD_TO,       /* all become `to` */
	FOLD_FROM,     /* the first becomes `to`, the next what follows it */
	FOLD_DIGITS,   /* ten digits, repeated */
	FOLD_ALPHABET, /* 26 capitals and 26 small letters, repeated */
};

/* In order of code points.  Digits are those of Unicode's category Nd; the letters are those of
 * Unicode's confusables.txt that look like one Latin letter, in Greek and Cyrillic. */
static const struct fold_range {
	uint32_t first;
	uint32_t last;
	enum fold_kind kind;
	uint8_t to;
} ranges[] = {
	{ 0x00A0, 0x00A0, FOLD_TO, ' ' },
	{ 0x00AD, 0x00AD, FOLD_DROP, 0 },
	{ 0x00B2, 0x00B3, FOLD_FROM, '2' },
	{ 0x00B9, 0x00B9, FOLD_TO, '1' },
	{ 0x02BC, 0x02BC, FOLD_TO, '\'' },
	{ 0x0300, 0x036F, FOLD_DROP, 0 },
	{ 0x0391, 0x0392, FOLD_FROM, 'A' },
	{ 0x0395, 0x0395, FOLD_TO, 'E' },
	{ 0x0396, 0x0396, FOLD_TO, 'Z' },
	{ 0x0397, 0x0397, FOLD_TO, 'H' },
	{ 0x0399, 0x0399, FOLD_TO, 'I' },
	{ 0x039A, 0x039A, FOLD_TO, 'K' },
	{ 0x039C, 0x039D, FOLD_FROM, 'M' },
	{ 0x039F, 0x039F, FOLD_TO, 'O' },
	{ 0x03A1, 0x03A1, FOLD_TO, 'P' },
	{ 0x03A4, 0x03A4, FOLD_TO, 'T' },
	{ 0x03A5, 0x03A5, FOLD_TO, 'Y' },
	{ 0x03A7, 0x03A7, FOLD_TO, 'X' },
	{ 0x03BF, 0x03BF, FOLD_TO, 'o' },
	{ 0x0405, 0x0405, FOLD_TO, 'S' },
	{ 0x0406, 0x0406, FOLD_TO, 'I' },
	{ 0x0408, 0x0408, FOLD_TO, 'J' },
	{ 0x0410, 0x0410, FOLD_TO, 'A' },
	{ 0x0412, 0x0412, FOLD_TO, 'B' },
	{ 0x0415, 0x0415, FOLD_TO, 'E' },
	{ 0x041A, 0x041A, FOLD_TO, 'K' },
	{ 0x041C, 0x041C, FOLD_TO, 'M' },
	{ 0x041D, 0x041D, FOLD_TO, 'H' },
	{ 0x041E, 0x041E, FOLD_TO, 'O' },
	{ 0x0420, 0x0420, FOLD_TO, 'P' },
	{ 0x0421, 0x0421, FOLD_TO, 'C' },
	{ 0x0422, 0x0422, FOLD_TO, 'T' },
	{ 0x0425, 0x0425, FOLD_TO, 'X' },
	{ 0x0430, 0x0430, FOLD_TO, 'a' },
	{ 0x0435, 0x0435, FOLD_TO, 'e' },
	{ 0x043E, 0x043E, FOLD_TO, 'o' },
	{ 0x0440, 0x0440, FOLD_TO, 'p' },
	{ 0x0441, 0x0441, FOLD_TO, 'c' },
	{ 0x0443, 0x0443, FOLD_TO, 'y' },
	{ 0x0445, 0x0445, FOLD_TO, 'x' },
	{ 0x0455, 0x0455, FOLD_TO, 's' },
	{ 0x0456, 0x0456, FOLD_TO, 'i' },
	{ 0x0458, 0x0458, FOLD_TO, 'j' },
	{ 0x04BB, 0x04BB, FOLD_TO, 'h' },
	{ 0x0501, 0x0501, FOLD_TO, 'd' },
	{ 0x051B, 0x051B, FOLD_TO, 'q' },
	{ 0x051D, 0x051D, FOLD_TO, 'w' },
	{ 0x061C, 0x061C, FOLD_DROP, 0 },
	{ 0x0660, 0x0669, FOLD_DIGITS, '0' },
	{ 0x06F0, 0x06F9, FOLD_DIGITS, '0' },
	{ 0x07C0, 0x07C9, FOLD_DIGITS, '0' },
	{ 0x0966, 0x096F, FOLD_DIGITS, '0' },
	{ 0x09E6, 0x09EF, FOLD_DIGITS, '0' },
	{ 0x0A66, 0x0A6F, FOLD_DIGITS, '0' },
	{ 0x0AE6, 0x0AEF, FOLD_DIGITS, '0' },
	{ 0x0B66, 0x0B6F, FOLD_DIGITS, '0' },
	{ 0x0BE6, 0x0BEF, FOLD_DIGITS, '0' },
	{ 0x0C66, 0x0C6F, FOLD_DIGITS, '0' },
	{ 0x0CE6, 0x0CEF, FOLD_DIGITS, '0' },
	{ 0x0D66, 0x0D6F, FOLD_DIGITS, '0' },
	{ 0x0E50, 0x0E59, FOLD_DIGITS, '0' },
	{ 0x0ED0, 0x0ED9, FOLD_DIGITS, '0' },
	{ 0x0F20, 0x0F29, FOLD_DIGITS, '0' },
	{ 0x1040, 0x1049, FOLD_DIGITS, '0' },
	{ 0x115F, 0x1160, FOLD_DROP, 0 },
	{ 0x17E0, 0x17E9, FOLD_DIGITS, '0' },
	{ 0x180B, 0x180F, FOLD_DROP, 0 },
	{ 0x1810, 0x1819, FOLD_DIGITS, '0' },
	{ 0x1AB0, 0x1AFF, FOLD_DROP, 0 },
	{ 0x1DC0, 0x1DFF, FOLD_DROP, 0 },
	{ 0x2000, 0x200A, FOLD_TO, ' ' },
	{ 0x200B, 0x200F, FOLD_DROP, 0 },
	{ 0x2010, 0x2015, FOLD_TO, '-' },
	{ 0x2018, 0x2019, FOLD_TO, '\'' },
	{ 0x201B, 0x201B, FOLD_TO, '\'' },
	{ 0x201C, 0x201F, FOLD_TO, '"' },
	{ 0x2024, 0x2024, FOLD_TO, '.' },
	{ 0x2028, 0x2029, FOLD_TO, '\n' },
	{ 0x202A, 0x202E, FOLD_DROP, 0 },
	{ 0x202F, 0x202F, FOLD_TO, ' ' },
	{ 0x2044, 0x2044, FOLD_TO, '/' },
	{ 0x205F, 0x205F, FOLD_TO, ' ' },
	{ 0x2060, 0x206F, FOLD_DROP, 0 },
	{ 0x2070, 0x2070, FOLD_TO, '0' },
	{ 0x2074, 0x2079, FOLD_FROM, '4' },
	{ 0x2080, 0x2089, FOLD_DIGITS, '0' },
	{ 0x20D0, 0x20FF, FOLD_DROP, 0 },
	{ 0x2212, 0x2212, FOLD_TO, '-' },
	{ 0x2215, 0x2215, FOLD_TO, '/' },
	{ 0x2236, 0x2236, FOLD_TO, ':' },
	{ 0x2460, 0x2468, FOLD_FROM, '1' },
	{ 0x24B6, 0x24CF, FOLD_FROM, 'A' },
	{ 0x24D0, 0x24E9, FOLD_FROM, 'a' },
	{ 0x24EA, 0x24EA, FOLD_TO, '0' },
	{ 0x2800, 0x2800, FOLD_TO, ' ' },
	{ 0x3000, 0x3000, FOLD_TO, ' ' },
	{ 0x3002, 0x3002, FOLD_TO, '.' },
	{ 0x3164, 0x3164, FOLD_DROP, 0 },
	{ 0xFE00, 0xFE0F, FOLD_DROP, 0 },
	{ 0xFE52, 0xFE52, FOLD_TO, '.' },
	{ 0xFE55, 0xFE55, FOLD_TO, ':' },
	{ 0xFE58, 0xFE58, FOLD_TO, '-' },
	{ 0xFE63, 0xFE63, FOLD_TO, '-' },
	{ 0xFE6B, 0xFE6B, FOLD_TO, '@' },
	{ 0xFEFF, 0xFEFF, FOLD_DROP, 0 },
	{ 0xFF01, 0xFF5E, FOLD_FROM, '!' },
	{ 0xFF61, 0xFF61, FOLD_TO, '.' },
	{ 0xFFA0, 0xFFA0, FOLD_DROP, 0 },
	{ 0xFFF9, 0xFFFB, FOLD_DROP, 0 },
	{ 0x1D400, 0x1D6A3, FOLD_ALPHABET, 0 },
	{ 0x1D7CE, 0x1D7FF, FOLD_DIGITS, '0' },
	{ 0x1F130, 0x1F149, FOLD_FROM, 'A' },
	{ 0x1FBF0, 0x1FBF9, FOLD_DIGITS, '0' },
	{ 0xE0000, 0xE007F, FOLD_DROP, 0 },
	{ 0xE0100, 0xE01EF, FOLD_DROP, 0 },
};

/* No range has anything of what stands between: letters with accents. */
#define LAST_OF_LATIN_1 0xB9
#define FIRST_BEHIND_LATIN 0x2BC

static const struct fold_range *
range_of(uint32_t code)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else if (code < ranges[middle].first)
			high = middle;
		else
			return &ranges[middle];
	}
	return NULL;
}

uint32_t
fold_character(uint32_t code)
{
	const struct fold_range *r;
	uint32_t offset;

	/* Most are letters of Latin. */
	if (code < ranges[0].first || (code > LAST_OF_LATIN_1 && code < FIRST_BEHIND_LATIN))
		return code;
	r = range_of(code);
	if (r == NULL)
		return code;
	offset = code - r->first;
	switch (r->kind) {
	case FOLD_DROP:
		return 0;
	case FOLD_FROM:
		return r->to + offset;
	case FOLD_DIGITS:
		return '0' + offset % 10;
	case FOLD_ALPHABET:
		return offset % 52 < 26 ? 'A' + offset % 26 : 'a' + offset % 26;
	case FOLD_TO:
	default:
		return r->to;
	}
}
