/* SPDX-License-Identifier: Apache-2.0 */
/* Whether there is anything to judge: words that sway judging models by themselves are nothing. */
#include <ctype.h>

#include "judge/judge.h"

/* Openers that promise an answer and give none, as they stand without marks at their ends. */
static const char *const empty_openers[] = {
	"thought process",
	"thoughts",
	"thinking",
	"let's solve this problem step by step",
	"let's think step by step",
	"let me think",
	"solution",
	"the solution",
	"answer",
	"the answer",
	"final answer",
	"the answer is",
	"response",
	"assistant",
	"output",
	"result",
	"explanation",
	"reasoning",
	"analysis",
	"step by step",
	"sure",
	"okay",
	"certainly",
	"of course",
	"solução",
	"resposta",
	"processo de pensamento",
	"solución",
	"respuesta",
	"proceso de pensamiento",
	"lösung",
	"antwort",
	"gedankengang",
	"solution finale",
	"réponse",
	"processus de réflexion",
	"soluzione",
	"risposta",
	"解",
	"解答",
	"答案",
	"思考过程",
	"思考過程",
	"かいせつ",
	"解説",
	"回答",
	"생각 과정",
	"해답",
	"답변",
	"решение",
	"ответ",
	"समाधान",
	"الحل",
	"الإجابة",
};

/* The first bytes of the three-byte characters that are only marks: general punctuation, CJK
 * punctuation, full-width punctuation. */
static const char *const mark_leads[] = { "\xe2\x80", "\xe2\x81", "\xe3\x80", "\xef\xbc" };

static bool
is_wide_mark(struct str three)
{
	for (size_t i = 0; i < sizeof(mark_leads) / sizeof(mark_leads[0]); i++)
		if (str_starts_with(three, str_from(mark_leads[i])))
			return true;
	return false;
}

/* The length of the mark or blank that the text begins with; 0 when it begins with a word. */
static size_t
leading_mark(struct str s)
{
	if ((unsigned char)s.at[0] < 0x80)
		return isalnum((unsigned char)s.at[0]) ? 0 : 1;
	return s.len >= 3 && is_wide_mark(s) ? 3 : 0;
}

static size_t
trailing_mark(struct str s)
{
	if ((unsigned char)s.at[s.len - 1] < 0x80)
		return isalnum((unsigned char)s.at[s.len - 1]) ? 0 : 1;
	return s.len >= 3 && is_wide_mark(str_slice(s, s.len - 3, s.len)) ? 3 : 0;
}

static struct str
without_outer_marks(struct str s)
{
	while (s.len > 0 && leading_mark(s) > 0)
		s = str_slice(s, leading_mark(s), s.len);
	while (s.len > 0 && trailing_mark(s) > 0)
		s.len -= trailing_mark(s);
	return s;
}

static bool
says_something(struct str content)
{
	struct str words = without_outer_marks(content);

	if (words.len == 0)
		return false;
	for (size_t i = 0; i < sizeof(empty_openers) / sizeof(empty_openers[0]); i++)
		if (str_equals_ignoring_case(words, str_from(empty_openers[i])))
			return false;
	return true;
}

bool
judge_has_content(const struct wire_conversation *conversation)
{
	for (size_t i = 0; i < conversation->n_messages; i++) {
		const struct wire_message *m = &conversation->messages[i];

		if (m->role == WIRE_ASSISTANT && (m->n_calls > 0 || says_something(m->content)))
			return true;
	}
	return false;
}
