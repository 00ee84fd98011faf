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

static bool
is_letter_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static struct str
without_outer_marks(struct str s)
{
	while (s.len > 0 && !is_letter_byte(s.at[0]))
		s = str_slice(s, 1, s.len);
	while (s.len > 0 && !is_letter_byte(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool
says_something(struct str content)
{
	struct str words = without_outer_marks(content);

	/* Full-width colon and ideographic full stop end with bytes that look like letters. */
	while (words.len >= 3 &&
	    (str_equals(str_slice(words, words.len - 3, words.len), STR("：")) ||
		str_equals(str_slice(words, words.len - 3, words.len), STR("。"))))
		words = without_outer_marks(str_slice(words, 0, words.len - 3));
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
