/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: whatever comes, the texts are valid, the caps hold and no message is a system message.
 */
#include <stdint.h>

#include "wire_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_request(struct arena *a, enum wire_format format, struct str body)
{
	struct wire_request r;

	if (wire_parse_request(a, format, body, &r, NULL) != ERR_OK)
		return;
	check_text(r.model);
	check_text(r.conversation.system_message);
	if (r.conversation.n_messages > WIRE_MAX_MESSAGES)
		abort();
	for (size_t i = 0; i < r.conversation.n_messages; i++) {
		if (r.conversation.messages[i].role == WIRE_SYSTEM)
			abort();
		check_message(&r.conversation.messages[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct str body = { (const char *)data, size };

	if (arena_new(64u << 20, &a) != ERR_OK)
		return 0;
	check_request(a, WIRE_OPENAI_CHAT, body);
	check_request(a, WIRE_ANTHROPIC_MESSAGES, body);
	return 0;
}
