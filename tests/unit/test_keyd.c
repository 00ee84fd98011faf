/* SPDX-License-Identifier: Apache-2.0 */
/* keyd's parts: key files, keyring, budget, requests, and what its sandbox leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "keyd/requests.h"
#include "keyd/root.h"
#include "keyd/sandbox.h"
#include "seal/seal.h"

#define MINUTE_MS 60000

/* A data folder of this test. */
struct fixture {
	char dir[64];
	char root[128], passphrase[128], keyring[128];
};

static int
make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/rendfly-test-keyd-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->root, sizeof(f->root), "%s/keys/root.sealed", f->dir);
	(void)snprintf(f->passphrase, sizeof(f->passphrase), "%s/keys/root.passphrase", f->dir);
	(void)snprintf(f->keyring, sizeof(f->keyring), "%s/keys/keyring", f->dir);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	*state = f;
	return 0;
}

static int
remove_folder(void **state)
{
	struct fixture *f = *state;
	char folder[128];

	(void)snprintf(folder, sizeof(folder), "%s/keys", f->dir);
	(void)unlink(f->root);
	(void)unlink(f->passphrase);
	(void)unlink(f->keyring);
	(void)snprintf(folder, sizeof(folder), "%s/keys/audit.signed", f->dir);
	(void)unlink(folder);
	(void)snprintf(folder, sizeof(folder), "%s/keys", f->dir);
	(void)rmdir(folder);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void
read_whole(const char *path, struct buf **ret_buf)
{
	assert_int_equal(buf_new(1 << 20, ret_buf), ERR_OK);
	assert_int_equal(file_read(path, *ret_buf, NULL), ERR_OK);
}

static mode_t
mode_of(const char *path)
{
	struct stat s;

	assert_int_equal(lstat(path, &s), 0);
	return s.st_mode & 0777;
}

/* keyd's keys over the folder of the fixture, which root_init made. */
static void
open_keyd(const struct fixture *f, struct keyd *k, struct secret **ret_root)
{
	assert_int_equal(seal_self_test(), ERR_OK);
	assert_int_equal(root_open(f->dir, ret_root, NULL), ERR_OK);
	assert_int_equal(keyd_derive_globals(k, *ret_root), ERR_OK);
	assert_int_equal(keyring_open(f->dir, *ret_root, &k->keyring, NULL), ERR_OK);
	assert_int_equal(budget_new(&k->budget), ERR_OK);
	assert_int_equal(keyd_open_audit(k, f->dir, NULL), ERR_OK);
}

static void
close_keyd(struct keyd *k)
{
	keyring_free(k->keyring);
	secret_free(k->globals);
	budget_free(k->budget);
	audit_signer_free(k->audit);
}

/* ---- the root key */

static void
a_second_init_changes_nothing(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(buf) struct buf *root = NULL, *root_after = NULL, *pass = NULL, *pass_after = NULL;
	CLEANUP(secret) struct secret *key = NULL, *key_after = NULL;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	read_whole(f->root, &root);
	read_whole(f->passphrase, &pass);
	assert_int_equal(root_open(f->dir, &key, NULL), ERR_OK);
	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	read_whole(f->root, &root_after);
	read_whole(f->passphrase, &pass_after);
	assert_true(str_equals(buf_str(root), buf_str(root_after)));
	assert_true(str_equals(buf_str(pass), buf_str(pass_after)));
	assert_int_equal(root_open(f->dir, &key_after, NULL), ERR_OK);
	assert_true(secret_equals(key, secret_view(key_after), ROOT_KEY_BYTES));
	assert_int_equal(mode_of(f->root), 0400);
	assert_int_equal(mode_of(f->passphrase), 0400);
	assert_int_equal(mode_of(f->keyring), 0600);
}

static void
a_lost_keyring_is_told_and_never_replaced_by_an_empty_one(void **state)
{
	const struct fixture *f = *state;
	struct err_detail detail = { "" };

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	assert_int_equal(unlink(f->keyring), 0);
	assert_int_equal(root_init(f->dir, &detail), ERR_NOT_FOUND);
	assert_non_null(strstr(detail.text, "backup"));
	assert_int_equal(access(f->keyring, F_OK), -1);
}

static void
a_start_that_was_cut_short_goes_on_where_it_was(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *key = NULL;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	assert_int_equal(unlink(f->root), 0);
	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	assert_int_equal(root_open(f->dir, &key, NULL), ERR_OK);
}

static void
neither_another_passphrase_nor_a_changed_file_opens_the_root_key(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(buf) struct buf *sealed = NULL, *passphrase = NULL;
	CLEANUP(secret) struct secret *key = NULL;
	const size_t places[] = { 0, 8, 40, 70, 100 }; /* magic, salt, key id, commitment, nonce */
	char bytes[256];
	size_t len;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	read_whole(f->root, &sealed);
	read_whole(f->passphrase, &passphrase);
	assert_int_equal(file_replace(f->passphrase, STR("another passphrase here"), 0400, NULL),
	    ERR_OK);
	assert_int_not_equal(root_open(f->dir, &key, NULL), ERR_OK);
	assert_int_equal(file_replace(f->passphrase, STR("short"), 0400, NULL), ERR_OK);
	assert_int_equal(root_open(f->dir, &key, NULL), ERR_MALFORMED);
	assert_int_equal(file_replace(f->passphrase, buf_str(passphrase), 0400, NULL), ERR_OK);
	len = buf_len(sealed);
	assert_true(len < sizeof(bytes));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		memcpy(bytes, buf_str(sealed).at, len);
		bytes[places[i]] = (char)(bytes[places[i]] ^ 1);
		assert_int_equal(file_replace(f->root, (struct str){ bytes, len }, 0400, NULL),
		    ERR_OK);
		assert_int_not_equal(root_open(f->dir, &key, NULL), ERR_OK);
	}
	assert_int_equal(file_replace(f->root, str_slice(buf_str(sealed), 0, len - 1), 0400, NULL),
	    ERR_OK);
	assert_int_not_equal(root_open(f->dir, &key, NULL), ERR_OK);
	assert_null(key);
}

/* ---- the keyring */

/* A root key and an empty keyring, without the cost of Argon2id. */
static void
make_keyring(const struct fixture *f, struct secret **ret_root)
{
	char folder[128];

	(void)snprintf(folder, sizeof(folder), "%s/keys", f->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(file_replace(f->keyring, STR(""), 0600, NULL), ERR_OK);
	assert_int_equal(secret_new(ROOT_KEY_BYTES, ret_root), ERR_OK);
	assert_int_equal(seal_random(secret_bytes(*ret_root), ROOT_KEY_BYTES), ERR_OK);
}

static void
keys_are_the_same_after_a_restart_and_differ_by_purpose_and_workspace(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	const struct uuid workspaces[2] = { uuid_new(), uuid_new() };
	uint8_t keys[2][KEY_N_PURPOSES][32];

	make_keyring(f, &root);
	for (int round = 0; round < 2; round++) {
		CLEANUP(keyring) struct keyring *ring = NULL;

		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		assert_int_equal(keyring_count(ring), round == 0 ? 0 : 2);
		for (int w = 0; w < 2; w++)
			assert_int_equal(keyring_create(ring, &workspaces[w]),
			    round == 0 ? ERR_OK : ERR_CONFLICT);
		for (int i = 0; i < 2 * KEY_N_PURPOSES; i++) {
			const uint8_t *key;
			struct uuid id;
			int w = i % 2, p = i / 2;

			assert_int_equal(keyring_key(ring, &workspaces[w], (enum key_purpose)p,
					     &key, &id),
			    ERR_OK);
			if (round == 0)
				memcpy(keys[w][p], key, 32);
			assert_memory_equal(keys[w][p], key, 32);
			for (int j = 0; j < i && round == 0; j++)
				assert_memory_not_equal(keys[j % 2][j / 2], key, 32);
		}
	}
}

static void
a_cut_record_is_dropped_by_keyd_and_left_alone_by_the_list(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *again = NULL, *listed = NULL;
	CLEANUP(buf) struct buf *whole = NULL, *left = NULL;
	const struct uuid workspace = uuid_new(), later = uuid_new();
	char cut[512];

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	read_whole(f->keyring, &whole);
	memcpy(cut, buf_str(whole).at, buf_len(whole));
	memcpy(cut + buf_len(whole), buf_str(whole).at, 50);
	assert_int_equal(file_replace(f->keyring, (struct str){ cut, buf_len(whole) + 50 }, 0600,
			     NULL),
	    ERR_OK);
	assert_int_equal(keyring_open(f->dir, NULL, &listed, NULL), ERR_OK);
	assert_int_equal(keyring_count(listed), 1);
	read_whole(f->keyring, &left);
	assert_int_equal(buf_len(left), buf_len(whole) + 50);
	assert_int_equal(keyring_open(f->dir, root, &again, NULL), ERR_OK);
	assert_int_equal(keyring_count(again), 1);
	assert_int_equal(keyring_create(again, &later), ERR_OK);
	keyring_free(TAKE(again));
	assert_int_equal(keyring_open(f->dir, root, &again, NULL), ERR_OK);
	assert_int_equal(keyring_count(again), 2);
}

static void
a_wrapped_key_opens_for_no_other_workspace_and_no_other_root(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL, *other_root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *swapped = NULL, *foreign = NULL;
	CLEANUP(buf) struct buf *whole = NULL;
	const struct uuid ours = uuid_new(), theirs = uuid_new();
	const uint8_t *key;
	struct uuid id;
	char bytes[1024];
	size_t len;

	make_keyring(f, &root);
	assert_int_equal(secret_new(ROOT_KEY_BYTES, &other_root), ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &ours), ERR_OK);
	assert_int_equal(keyring_open(f->dir, other_root, &foreign, NULL), ERR_OK);
	assert_int_equal(keyring_key(foreign, &ours, KEY_SEAL, &key, &id), ERR_DENIED);
	read_whole(f->keyring, &whole);
	len = buf_len(whole);
	assert_true(len < sizeof(bytes));
	memcpy(bytes, buf_str(whole).at, len);
	memcpy(bytes + 4, theirs.bytes, UUID_BYTES);
	assert_int_equal(file_replace(f->keyring, (struct str){ bytes, len }, 0600, NULL), ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &swapped, NULL), ERR_OK);
	assert_int_equal(keyring_key(swapped, &theirs, KEY_SEAL, &key, &id), ERR_DENIED);
	assert_int_equal(keyring_key(swapped, &ours, KEY_SEAL, &key, &id), ERR_NOT_FOUND);
}

static void
a_damaged_keyring_stops_the_start(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *damaged = NULL;
	CLEANUP(buf) struct buf *whole = NULL;
	const struct uuid workspace = uuid_new();
	struct err_detail detail = { "" };
	char bytes[1024];

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	read_whole(f->keyring, &whole);
	memcpy(bytes, buf_str(whole).at, buf_len(whole));
	bytes[2] = 9;
	assert_int_equal(file_replace(f->keyring, (struct str){ bytes, buf_len(whole) }, 0600,
			     NULL),
	    ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &damaged, &detail), ERR_MALFORMED);
	assert_non_null(strstr(detail.text, "backup"));
}

/* The zero id marks an empty slot: a workspace of that name would get a key of zeros. */
static void
the_zero_workspace_gets_no_key(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid zero = { { 0 } };
	const uint8_t *key;
	struct uuid id;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &zero), ERR_MALFORMED);
	assert_int_equal(keyring_key(ring, &zero, KEY_SEAL, &key, &id), ERR_NOT_FOUND);
}

/* ---- the budget */

static void
a_budget_is_spent_refilled_by_time_and_each_pairs_own(void **state)
{
	CLEANUP(budget) struct budget *b = NULL;
	const struct uuid one = { { 1, [15] = 1 } }, two = { { 1, [15] = 2 } };
	int64_t now_ms = 1000;

	(void)state;
	assert_int_equal(budget_new(&b), ERR_OK);
	for (int i = 0; i < BUDGET_UNSEALS_A_MINUTE; i++)
		assert_true(budget_take(b, ROLE_JUDGE, &one, now_ms));
	assert_false(budget_take(b, ROLE_JUDGE, &one, now_ms));
	assert_true(budget_take(b, ROLE_API, &one, now_ms));
	assert_true(budget_take(b, ROLE_JUDGE, &two, now_ms));
	/* A clock that stands or goes back gives nothing. */
	assert_false(budget_take(b, ROLE_JUDGE, &one, now_ms - MINUTE_MS));
	assert_false(budget_take(b, ROLE_JUDGE, &one, now_ms + 59));
	assert_true(budget_take(b, ROLE_JUDGE, &one, now_ms + 60));
	assert_false(budget_take(b, ROLE_JUDGE, &one, now_ms + 60));
	/* However long it was quiet, it gathers one minute's worth. */
	now_ms += 100 * (int64_t)MINUTE_MS;
	for (int i = 0; i < BUDGET_UNSEALS_A_MINUTE; i++)
		assert_true(budget_take(b, ROLE_JUDGE, &one, now_ms));
	assert_false(budget_take(b, ROLE_JUDGE, &one, now_ms));
}

/* ---- requests */

static void
what_the_table_does_not_allow_is_malformed_whatever_its_body(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(buf) struct buf *reply = NULL;
	struct keyd k = { 0 };
	int refused = 0;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	open_keyd(f, &k, &root);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &reply), ERR_OK);
	for (int role = 0; role <= IPC_N_ROLES; role++)
		for (int type = 0; type < 256; type++) {
			if (ipc_is_allowed((enum ipc_type)type, (enum ipc_role)role, ROLE_KEYD))
				continue;
			assert_int_equal(keyd_handle(&k, (enum ipc_role)role, (enum ipc_type)type,
					     STR(""), reply),
			    ERR_MALFORMED);
			refused++;
		}
	assert_true(refused > 2000);
	assert_int_equal(buf_len(reply), 0);
	close_keyd(&k);
}

/* The collector's request for a value that was sealed at table.column. */
static enum err
open_as_collector(struct keyd *k, const struct uuid *workspace, struct str table, struct str column)
{
	const struct uuid row = { { 7 } };
	CLEANUP(buf) struct buf *body = NULL, *reply = NULL;

	assert_int_equal(buf_new(IPC_MAX_BYTES, &body), ERR_OK);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &reply), ERR_OK);
	for (int is_opening = 0; is_opening < 2; is_opening++) {
		struct str value = is_opening ? buf_str(reply) : STR("a value");
		enum err e;

		buf_clear(body);
		assert_int_equal(ipc_put_uuid(body, workspace), ERR_OK);
		assert_int_equal(ipc_put_bytes(body, table), ERR_OK);
		assert_int_equal(ipc_put_bytes(body, column), ERR_OK);
		assert_int_equal(ipc_put_uuid(body, &row), ERR_OK);
		assert_int_equal(ipc_put_bytes(body, value), ERR_OK);
		if (is_opening)
			assert_int_equal(ipc_put_bytes(body, STR("redact")), ERR_OK);
		buf_clear(reply);
		e = keyd_handle(k, ROLE_COLLECTOR,
		    is_opening ? IPC_KEYD_UNSEAL_POLICY : IPC_KEYD_SEAL, buf_str(body), reply);
		if (e != ERR_OK || is_opening) {
			assert_true(e != ERR_OK || str_equals(buf_str(reply), STR("a value")));
			return e;
		}
	}
	return ERR_BUG;
}

static void
the_collector_opens_redaction_policies_and_nothing_else(void **state)
{
	const struct fixture *f = *state;
	const struct uuid workspace = { { 1, [15] = 9 } };
	CLEANUP(secret) struct secret *root = NULL;
	struct keyd k = { 0 };

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	open_keyd(f, &k, &root);
	assert_int_equal(keyring_create(k.keyring, &workspace), ERR_OK);
	assert_int_equal(open_as_collector(&k, &workspace, STR("redaction_policies"),
			     STR("sealed")),
	    ERR_OK);
	assert_int_equal(open_as_collector(&k, &workspace, STR("redaction_policies"),
			     STR("sealed_reason")),
	    ERR_DENIED);
	assert_int_equal(open_as_collector(&k, &workspace, STR("system_messages"), STR("sealed")),
	    ERR_DENIED);
	close_keyd(&k);
}

static enum err
ask_to_sign(struct keyd *k, struct str input, struct buf *reply)
{
	CLEANUP(buf) struct buf *body = NULL;

	assert_int_equal(buf_new(IPC_MAX_BYTES, &body), ERR_OK);
	assert_int_equal(ipc_put_bytes(body, input), ERR_OK);
	return keyd_handle(k, ROLE_API, IPC_KEYD_TOKEN_SIGN, buf_str(body), reply);
}

static void
the_token_key_signs_only_what_has_a_tokens_shape(void **state)
{
	static const struct {
		struct str input;
		enum err expected;
	} cases[] = {
		{ { "eyJhbGciOiJFZERTQSJ9.e30", 24 }, ERR_OK },
		{ { "", 0 }, ERR_MALFORMED },
		{ { "abc", 3 }, ERR_MALFORMED },
		{ { "a.b.c", 5 }, ERR_MALFORMED },
		{ { "a.b\n", 4 }, ERR_MALFORMED },
		{ { "a.b\0", 4 }, ERR_MALFORMED },
		{ { "a.b=", 4 }, ERR_MALFORMED },
	};

	static char many[1025];
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(buf) struct buf *reply = NULL;
	struct keyd k = { 0 };

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	open_keyd(f, &k, &root);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &reply), ERR_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ask_to_sign(&k, cases[i].input, reply), cases[i].expected);
	assert_int_equal(buf_len(reply), 64);
	memset(many, 'a', sizeof(many));
	many[9] = '.';
	assert_int_equal(ask_to_sign(&k, (struct str){ many, sizeof(many) - 1 }, reply), ERR_OK);
	assert_int_equal(ask_to_sign(&k, (struct str){ many, sizeof(many) }, reply), ERR_MALFORMED);
	close_keyd(&k);
}

/* ---- the sandbox: each attempt must end the process */

static void
open_a_file(void)
{
	(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void
make_a_file(void)
{
	(void)open("/tmp/rendfly-test-keyd-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static void
open_a_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
open_a_unix_socket(void)
{
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
run_a_program(void)
{
	char *const none[] = { NULL };

	(void)execve("/bin/true", none, none);
}

static void
make_a_process(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
trace_the_parent(void)
{
	(void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void
signal_the_parent(void)
{
	(void)kill(getppid(), 0);
}

static void
make_code(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
}

static void
read_the_parents_memory(void)
{
	(void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void
become_root(void)
{
	if (setuid(0) == 0)
		_exit(0);
}

static void
remove_a_file(void)
{
	(void)unlink("/tmp/rendfly-test-keyd-none");
}

static void
copy_a_descriptor(void)
{
	if (dup(0) >= 0)
		_exit(0);
}

/* The user that packages make may be missing here, so the child leaves root by itself first. */
static void
enter_sandbox(void)
{
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		_exit(99);
	if (sandbox_enter(&KEYD_SANDBOX, "rendfly", NULL) != ERR_OK)
		_exit(98);
}

static int
status_of(pid_t child)
{
	int status = 0;

	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
keyd_dies_when_it_does_what_it_has_no_need_of(void **state)
{
	static const struct {
		const char *what;
		void (*attempt)(void);
	} attempts[] = { { "open a file", open_a_file }, { "make a file", make_a_file },
		{ "open a socket", open_a_socket }, { "open a unix socket", open_a_unix_socket },
		{ "run a program", run_a_program }, { "make a process", make_a_process },
		{ "trace", trace_the_parent }, { "signal", signal_the_parent },
		{ "make code", make_code }, { "read memory", read_the_parents_memory },
		{ "become root", become_root }, { "remove a file", remove_a_file },
		{ "copy a descriptor", copy_a_descriptor } };

	(void)state;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			enter_sandbox();
			attempts[i].attempt();
			_exit(0);
		}
		status = status_of(child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("to %s ended with status %x", attempts[i].what, status);
	}
}

static void
ask(struct keyd *k, enum ipc_role role, enum ipc_type type, struct buf *body, struct buf *reply)
{
	buf_clear(reply);
	if (keyd_handle(k, role, type, buf_str(body), reply) != ERR_OK)
		_exit(10 + (int)type);
}

static void
put_place(struct buf *body, const struct uuid *workspace)
{
	buf_clear(body);
	if (ipc_put_uuid(body, workspace) != ERR_OK || ipc_put_bytes(body, STR("t")) != ERR_OK ||
	    ipc_put_bytes(body, STR("c")) != ERR_OK || ipc_put_uuid(body, workspace) != ERR_OK)
		_exit(1);
}

static void
put_checkpoint(struct buf *body)
{
	static const char root[MERKLE_HASH_BYTES] = { 1 };

	buf_clear(body);
	if (ipc_put_bytes(body, STR("log.example")) != ERR_OK || ipc_put_u64(body, 1) != ERR_OK ||
	    ipc_put_bytes(body, (struct str){ root, sizeof(root) }) != ERR_OK ||
	    ipc_put_bytes(body, STR("")) != ERR_OK)
		_exit(1);
}

/* So many seals that OpenSSL's generator takes fresh bytes from the kernel several times. */
#define MANY_SEALS 70000

static void
work_in_the_sandbox(struct keyd *k)
{
	CLEANUP(buf) struct buf *body = NULL, *reply = NULL, *record = NULL;
	const struct uuid workspace = { { 7 } };

	if (buf_new(IPC_MAX_BYTES, &body) != ERR_OK || buf_new(IPC_MAX_BYTES, &reply) != ERR_OK ||
	    buf_new(IPC_MAX_BYTES, &record) != ERR_OK || ipc_put_uuid(body, &workspace) != ERR_OK)
		_exit(1);
	ask(k, ROLE_SETUP, IPC_KEYD_WORKSPACE_CREATE, body, reply);
	for (int i = 0; i < MANY_SEALS; i++) {
		put_place(body, &workspace);
		if (ipc_put_bytes(body, STR("be kind")) != ERR_OK)
			_exit(1);
		ask(k, ROLE_COLLECTOR, IPC_KEYD_SEAL, body, reply);
	}
	if (buf_append_str(record, buf_str(reply)) != ERR_OK)
		_exit(1);
	put_place(body, &workspace);
	if (ipc_put_bytes(body, buf_str(record)) != ERR_OK ||
	    ipc_put_bytes(body, STR("judging")) != ERR_OK)
		_exit(1);
	ask(k, ROLE_JUDGE, IPC_KEYD_UNSEAL, body, reply);
	if (!str_equals(buf_str(reply), STR("be kind")))
		_exit(2);
	buf_clear(body);
	ask(k, ROLE_API, IPC_KEYD_TOKEN_KEY, body, reply);
	if (ipc_put_bytes(body, STR("a.b")) != ERR_OK)
		_exit(1);
	ask(k, ROLE_API, IPC_KEYD_TOKEN_SIGN, body, reply);
	ask(k, ROLE_API, IPC_KEYD_INGEST_HASH, body, reply);
	buf_clear(body);
	ask(k, ROLE_STEWARD, IPC_KEYD_AUDIT_KEY, body, reply);
	put_checkpoint(body);
	ask(k, ROLE_STEWARD, IPC_KEYD_AUDIT_SIGN, body, reply);
	if (buf_len(reply) != AUDIT_SIGNATURE_BYTES)
		_exit(3);
	buf_clear(body);
	if (ipc_put_uuid(body, &workspace) != ERR_OK || ipc_put_u32(body, 1) != ERR_OK)
		_exit(1);
	ask(k, ROLE_JUDGE, IPC_KEYD_CONTEXT, body, reply);
}

static void
all_of_keyds_work_is_done_inside_its_sandbox(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	struct keyd k = { 0 };
	pid_t child;
	int status;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	child = fork();
	if (child == 0) {
		log_open("keyd");
		open_keyd(f, &k, &root);
		enter_sandbox();
		log_info("a_line_can_be_logged");
		work_in_the_sandbox(&k);
		_exit(0);
	}
	status = status_of(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	open_keyd(f, &k, &root);
	assert_int_equal(keyring_count(k.keyring), 1);
	close_keyd(&k);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_second_init_changes_nothing),
		IN_FOLDER(a_lost_keyring_is_told_and_never_replaced_by_an_empty_one),
		IN_FOLDER(a_start_that_was_cut_short_goes_on_where_it_was),
		IN_FOLDER(neither_another_passphrase_nor_a_changed_file_opens_the_root_key),
		IN_FOLDER(keys_are_the_same_after_a_restart_and_differ_by_purpose_and_workspace),
		IN_FOLDER(a_cut_record_is_dropped_by_keyd_and_left_alone_by_the_list),
		IN_FOLDER(a_wrapped_key_opens_for_no_other_workspace_and_no_other_root),
		IN_FOLDER(a_damaged_keyring_stops_the_start),
		IN_FOLDER(the_zero_workspace_gets_no_key),
		IN_FOLDER(the_collector_opens_redaction_policies_and_nothing_else),
		cmocka_unit_test(a_budget_is_spent_refilled_by_time_and_each_pairs_own),
		IN_FOLDER(what_the_table_does_not_allow_is_malformed_whatever_its_body),
		IN_FOLDER(the_token_key_signs_only_what_has_a_tokens_shape),
		cmocka_unit_test(keyd_dies_when_it_does_what_it_has_no_need_of),
		IN_FOLDER(all_of_keyds_work_is_done_inside_its_sandbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
