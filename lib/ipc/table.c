/* SPDX-License-Identifier: Apache-2.0 */
/* table - the trust graph as data: names, senders and receivers of each message. */
#include "ipc/ipc.h"

static const struct {
	enum ipc_type type;
	const char *name;
	unsigned int senders;
	enum ipc_role receiver;
} messages[] = {

#define IPC_ROW(name, number, senders, receiver, body) { IPC_##name, #name, (senders), (receiver) },
	IPC_TABLE(IPC_ROW)
#undef IPC_ROW
};

#define N_MESSAGES (sizeof(messages) / sizeof(messages[0]))

const char *
ipc_role_name(enum ipc_role role)
{
	static const char *const names[IPC_N_ROLES] = { [ROLE_SUPERVISOR] = "supervisor",
		[ROLE_EDGE] = "edge",
		[ROLE_COLLECTOR] = "collector",
		[ROLE_API] = "api",
		[ROLE_JUDGE] = "judge",
		[ROLE_STEWARD] = "steward",
		[ROLE_KEYD] = "keyd",
		[ROLE_SETUP] = "setup",
		[ROLE_OPERATOR] = "operator",
		[ROLE_VAULT] = "vault" };

	return (unsigned int)role < IPC_N_ROLES ? names[role] : "unknown";
}

const char *
ipc_type_name(enum ipc_type type)
{
	for (size_t i = 0; i < N_MESSAGES; i++)
		if (messages[i].type == type)
			return messages[i].name;
	return NULL;
}

bool
ipc_is_allowed(enum ipc_type type, enum ipc_role sender, enum ipc_role receiver)
{
	if ((unsigned int)sender >= IPC_N_ROLES)
		return false;
	for (size_t i = 0; i < N_MESSAGES; i++)
		if (messages[i].type == type)
			return messages[i].receiver == receiver &&
			    (messages[i].senders & ROLE_BIT(sender)) != 0;
	return false;
}
