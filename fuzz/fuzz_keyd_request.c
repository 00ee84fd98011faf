/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile peer's request: role, type, body.  What the trust graph forbids is malformed, nothing
 * that was not sealed here unseals, and an answer never outgrows a packet.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "keyd/requests.h"
#include "seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys of this run, over a keyring whose files are unlinked at once. */
static struct keyd *
keyd_of_this_run(void)
{
	static struct keyd k;
	static struct secret *root;
	const struct uuid workspace = { "a-test-workspace" };
	static const char *const names[] = { "keyring", "keyring.1", "wrapping", "tokens" };
	static const int64_t budgets[BUDGET_N_KINDS] = { 1000, 1000, 100000, 100000, 1000 };
	char dir[] = "/tmp/rendfly-fuzz-keyd-XXXXXX", keys[64], ring[80];

	if (k.keyring != NULL)
		return &k;
	assert(mkdtemp(dir) != NULL);
	(void)snprintf(keys, sizeof(keys), "%s/keys", dir);
	(void)snprintf(ring, sizeof(ring), "%s/keyring", keys);
	assert(mkdir(keys, 0700) == 0 && file_replace(ring, STR(""), 0600, NULL) == ERR_OK);
	assert(secret_new(32, &root) == ERR_OK && seal_random(secret_bytes(root), 32) == ERR_OK);
	assert(globals_derive(root, &k.globals) == ERR_OK &&
	    budget_new(budgets, &k.budget) == ERR_OK);
	assert(keyring_open(dir, root, &k.keyring, NULL) == ERR_OK);
	assert(keyring_create(k.keyring, &workspace) == ERR_OK);
	assert(keyd_open_tokens(&k, dir, root, NULL) == ERR_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(ring, sizeof(ring), "%s/%s", keys, names[i]);
		assert(unlink(ring) == 0);
	}
	assert(rmdir(keys) == 0 && rmdir(dir) == 0);
	return &k;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf *reply;
	struct keyd *k = keyd_of_this_run();
	struct str body;
	enum ipc_role role;
	enum ipc_type type;
	enum err e;

	if (size < 2 || size > IPC_MAX_BYTES)
		return 0;
	assert(reply != NULL || buf_new(IPC_MAX_BYTES, &reply) == ERR_OK);
	role = (enum ipc_role)(data[0] % (IPC_N_ROLES + 1));
	type = (enum ipc_type)data[1];
	body = (struct str){ (const char *)data + 2, size - 2 };
	/* They would let the keyring grow without end. */
	if ((type == IPC_KEYD_WORKSPACE_CREATE || type == IPC_KEY_ROTATE) && body.len == UUID_BYTES)
		return 0;
	buf_clear(reply);
	e = keyd_handle(k, role, type, body, reply);
	if (!ipc_is_allowed(type, role, ROLE_KEYD))
		assert(e == ERR_MALFORMED && buf_len(reply) == 0);
	if (type == IPC_KEYD_UNSEAL || type == IPC_KEYD_REWRAP)
		assert(e != ERR_OK);
	if (type == IPC_KEYD_CONTEXT && e == ERR_OK)
		assert(body.len == UUID_BYTES + 4);
	return 0;
}
