/* SPDX-License-Identifier: Apache-2.0 */
/* hostile - the pieces; one that begins with '{' or '[' makes text that begins like JSON. */
#include "hostile.h"

struct shape {
	const char *before;
	const char *piece;
	const char *after;
};

static const struct shape shapes[] = {
	/* one character */
	{ "", "a", "" },
	{ "", "A", "" },
	{ "", "1", "" },
	{ "", "0", "" },
	{ "", " ", "" },
	{ "", "\n", "" },
	{ "", "@", "" },
	{ "", ":", "" },
	{ "", "=", "" },
	{ "", "[", "" },
	{ "", "%", "" },
	{ "", "/", "" },
	{ "", "\\", "" },
	{ "", "\"", "" },
	{ "", "-", "" },
	{ "", ".", "" },
	{ "", "+", "" },
	{ "", "_", "" },
	{ "", "&", "" },
	{ "", "<", "" },
	{ "", "(", "" },
	{ "", "é", "" },
	{ "", "\u200b", "" },
	{ "", "\u00a0", "" },
	{ "", "\uff11", "" },
	{ "", "\U0001d7ce", "" },
	{ "", "\u2011", "" },
	{ "", "\u0301", "" },
	/* numbers and what parts them */
	{ "", "1-", "" },
	{ "", "1.", "" },
	{ "", "1 ", "" },
	{ "", "12 ", "" },
	{ "", "1/", "" },
	{ "", "123.", "" },
	{ "", "4111 ", "" },
	{ "", "4111-1111-", "" },
	{ "", "39053344705", "" },
	{ "", "390.533.447-", "" },
	{ "", "+1", "" },
	{ "", "+5511", "" },
	{ "", "(11) ", "" },
	{ "", "-1.5555, ", "" },
	{ "", "1:", "" },
	{ "", "a1", "" },
	{ "", "A1 ", "" },
	{ "", "1.1.1.1.", "" },
	{ "", "1\u200b", "" },
	/* addresses of machines and people */
	{ "", "a@", "" },
	{ "", "a@a@", "" },
	{ "", "@a.", "" },
	{ "", "a.", "" },
	{ "", "a@a.a", "" },
	{ "", "a@b.co ", "" },
	{ "", "a arroba b ponto ", "" },
	{ "", "name at example dot ", "" },
	{ "", "://", "" },
	{ "", "://a:", "" },
	{ "", "a://a:a@", "" },
	{ "", "http://", "" },
	{ "", "http://a?token=", "" },
	{ "", "?a=b&", "" },
	{ "", "a:", "" },
	{ "", "aa:", "" },
	{ "", "::", "" },
	{ "", "ffff:", "" },
	{ "", "00:00:00:00:00:", "" },
	/* secrets */
	{ "", "eyJ", "" },
	{ "", "eyey", "" },
	{ "", "eyJhbGciOi.", "" },
	{ "", "sk-", "" },
	{ "", "sk-ant-", "" },
	{ "", "ghp_", "" },
	{ "", "AKIA", "" },
	{ "", "xoxb-", "" },
	{ "", "AIza", "" },
	{ "", "password", "" },
	{ "", "password=", "" },
	{ "", "password: ", "" },
	{ "", "token=a ", "" },
	{ "", "a=b", "" },
	{ "", "Authorization: Bearer ", "" },
	{ "", "-----BEGIN ", "" },
	{ "", "-----BEGIN PRIVATE KEY-----\n", "" },
	{ "", "-----", "" },
	{ "", "TWFyaWFAZ21haWwuY29t", "" },
	{ "", "TWFyaWFAZ21haWwuY29t ", "" },
	{ "", "0123456789abcdef", "" },
	/* encodings */
	{ "", "%40", "" },
	{ "", "%25", "" },
	{ "", "a%40", "" },
	{ "", "%61", "" },
	{ "", "&amp;", "" },
	{ "", "&#64;", "" },
	{ "", "&#x40;", "" },
	{ "", "&#", "" },
	{ "", "\\u0040", "" },
	{ "", "\\n", "" },
	{ "", "=40", "" },
	/* words that say what follows */
	{ "", "my name is ", "" },
	{ "", "me chamo ", "" },
	{ "", "my name is de da do dos ", "" },
	{ "", "Sr. ", "" },
	{ "", "Dear ", "" },
	{ "", "Maria da ", "" },
	{ "", "Maria ", "" },
	{ "", "cpf ", "" },
	{ "", "cpf: 1 ", "" },
	{ "", "born on ", "" },
	{ "", "Rua ", "" },
	{ "", "Rua a ", "" },
	{ "", "street ", "" },
	{ "", "Calle de la ", "" },
	{ "", "straße ", "" },
	{ "", "12 rue de ", "" },
	{ "", "lat: ", "" },
	{ "", "DE89 3704 ", "" },
	{ "", "GB82", "" },
	{ "", "bc1q", "" },
	{ "", "0x", "" },
	{ "", "[EMAIL:", "" },
	{ "", "[EMAIL:k7f3qa]", "" },
	/* JSON */
	{ "", "[", "1" },
	{ "", "{\"a\":", "1" },
	{ "{\"a\":\"", "\\\"", "\"}" },
	{ "{\"a\":\"", "\\\\", "\"}" },
	{ "{\"a\":\"", "\\u0041", "\"}" },
	{ "{\"a\":\"", "\\ud83d\\ude00", "\"}" },
	{ "{\"a\":\"", "{\\\"a\\\":", "1\"}" },
	{ "{\"a\":\"[", "[],", "[]]\"}" },
	{ "{\"cpf\":\"", "a ", "\"}" },
	{ "{\"a\":\"", "1 ", "\"}" },
	{ "{\"a\":\"", "@", "\"}" },
	{ "[", "\"a@b.co\",", "1]" },
	{ "[", "1,", "1]" },
	{ "[", "{\"cpf\":1},", "1]" },
	{ "[", "\"{}\",", "1]" },
	{ "[", "\"\",", "1]" },
	{ "[", "39053344705,", "1]" },
	{ "{\"name\":[", "\"a\",", "1]}" },
};

size_t
hostile_count(void)
{
	return sizeof(shapes) / sizeof(shapes[0]);
}

const char *
hostile_name(size_t i)
{
	return shapes[i].piece;
}

enum err
hostile_make(size_t i, size_t bytes, struct buf *out)
{
	const struct shape *s = &shapes[i];
	struct str piece = str_from(s->piece);
	enum err e;

	buf_clear(out);
	e = buf_append_str(out, str_from(s->before));
	while (e == ERR_OK && buf_len(out) + piece.len <= bytes)
		e = buf_append_str(out, piece);
	return e == ERR_OK ? buf_append_str(out, str_from(s->after)) : e;
}
