/* SPDX-License-Identifier: Apache-2.0 */
/* What keyd answers to whom, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/socket.h>

#include "ipc/keyd_client.h"
#include "keyd_fixture.h"

#define MINUTE_MS 60000

static int wire[2]; /* a packet in its own size */

static bool
take(struct budget *b, enum ipc_role caller, enum budget_kind kind, uint8_t workspace,
    int64_t now_ms)
{
	const struct budget_of of = { caller, kind, { { 1, [15] = workspace } } };

	return budget_take(b, &of, 1, now_ms);
}

static void
a_budget_is_spent_refilled_by_time_and_each_pairs_own(void **state)
{
	CLEANUP(budget) struct budget *b = NULL;
	int64_t now_ms = 1000;

	(void)state;
	assert_int_equal(budget_new(budgets, &b), ERR_OK);
	for (int i = 0; i < budgets[BUDGET_UNSEAL]; i++)
		assert_true(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms));
	assert_false(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms));
	assert_true(take(b, ROLE_API, BUDGET_UNSEAL, 1, now_ms));
	assert_true(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 2, now_ms));
	assert_true(take(b, ROLE_JUDGE, BUDGET_SEAL, 1, now_ms));
	/* A clock that stands or goes back gives nothing. */
	assert_false(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms - MINUTE_MS));
	assert_false(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms + 59));
	assert_true(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms + 60));
	assert_false(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms + 60));
	/* However long it was quiet, it gathers one minute's worth. */
	now_ms += 100 * (int64_t)MINUTE_MS;
	for (int i = 0; i < budgets[BUDGET_UNSEAL]; i++)
		assert_true(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms));
	assert_false(take(b, ROLE_JUDGE, BUDGET_UNSEAL, 1, now_ms));
}

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

/* A request about the value or record of system_messages.sealed; without a reason when it is empty.
 */
static enum err
ask_about(struct keyd *k, enum ipc_role from, enum ipc_type type, struct str value,
    struct str reason, struct buf *reply)
{
	const struct uuid workspace = { { 1, [15] = 9 } };
	CLEANUP(buf) struct buf *body = NULL;
	const struct ipc_head head = { .type = type }, answer = { .type = type, .is_reply = true };
	enum err e;

	assert_int_equal(buf_new(2 * IPC_MAX_BYTES, &body), ERR_OK);
	assert_int_equal(ipc_put_uuid(body, &workspace), ERR_OK);
	assert_int_equal(ipc_put_bytes(body, STR("system_messages")), ERR_OK);
	assert_int_equal(ipc_put_bytes(body, STR("sealed")), ERR_OK);
	assert_int_equal(ipc_put_uuid(body, &workspace), ERR_OK);
	assert_int_equal(ipc_put_bytes(body, value), ERR_OK);
	if (reason.len > 0)
		assert_int_equal(ipc_put_bytes(body, reason), ERR_OK);
	if (type == IPC_KEYD_SEAL_SUBJECT)
		assert_int_equal(ipc_put_uuid(body, &workspace), ERR_OK);
	/* It goes into a packet, and so does the answer. */
	e = ipc_send(wire[0], &head, buf_str(body), -1);
	if (e != ERR_OK)
		return e;
	assert_int_equal(ipc_receive(wire[1], &(struct ipc_head){ 0 }, body, NULL), ERR_OK);
	buf_clear(reply);
	e = keyd_handle(k, from, type, buf_str(body), reply);
	if (e != ERR_OK)
		return e;
	assert_int_equal(ipc_send(wire[1], &answer, buf_str(reply), -1), ERR_OK);
	return ipc_receive(wire[0], &(struct ipc_head){ 0 }, reply, NULL);
}

static void
the_longest_value_that_is_sealed_can_be_opened_and_sealed_anew(void **state)
{
	static char value[IPC_MAX_BYTES], reason[200];
	const struct fixture *f = *state;
	const struct uuid workspace = { { 1, [15] = 9 } };
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(buf) struct buf *record = NULL, *reply = NULL;
	struct keyd k = { 0 };

	memset(value, 'v', sizeof(value));
	memset(reason, 'r', sizeof(reason));
	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	open_keyd(f, &k, &root);
	assert_int_equal(keyring_create(k.keyring, &workspace), ERR_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, wire), 0);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &record), ERR_OK);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &reply), ERR_OK);
	assert_int_equal(ask_about(&k, ROLE_COLLECTOR, IPC_KEYD_SEAL,
			     (struct str){ value, KEYD_SEAL_MAX_BYTES }, STR(""), record),
	    ERR_OK);
	assert_int_equal(ask_about(&k, ROLE_API, IPC_KEYD_UNSEAL, buf_str(record),
			     (struct str){ reason, sizeof(reason) }, reply),
	    ERR_OK);
	assert_int_equal(buf_len(reply), KEYD_SEAL_MAX_BYTES);
	assert_int_equal(keyring_rotate(k.keyring, &workspace), ERR_OK);
	assert_int_equal(ask_about(&k, ROLE_STEWARD, IPC_KEYD_REWRAP, buf_str(record), STR(""),
			     reply),
	    ERR_OK);
	/* What is longer is refused with an answer, whatever its length. */
	for (size_t len = KEYD_SEAL_MAX_BYTES + 1; len <= sizeof(value); len++)
		for (int of_subject = 0; of_subject < 2; of_subject++)
			assert_int_equal(ask_about(&k, ROLE_API,
					     of_subject ? IPC_KEYD_SEAL_SUBJECT : IPC_KEYD_SEAL,
					     (struct str){ value, len }, STR(""), reply),
			    ERR_TOO_LARGE);
	(void)close(wire[0]);
	(void)close(wire[1]);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_budget_is_spent_refilled_by_time_and_each_pairs_own),
		IN_FOLDER(what_the_table_does_not_allow_is_malformed_whatever_its_body),
		IN_FOLDER(the_collector_opens_redaction_policies_and_nothing_else),
		IN_FOLDER(the_longest_value_that_is_sealed_can_be_opened_and_sealed_anew),
		IN_FOLDER(the_token_key_signs_only_what_has_a_tokens_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
