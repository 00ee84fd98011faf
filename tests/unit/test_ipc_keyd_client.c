/* SPDX-License-Identifier: Apache-2.0 */
/* The client of keyd against a keyd that the test plays, well or badly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "ipc/keyd_client.h"

/* What keyd does with each request in turn; the last step goes on for ever. */
enum step {
	ANSWER,
	ANSWER_OTHER_ID,
	ANSWER_OTHER_TYPE,
	ANSWER_BUSY,
	DENY,
	BE_SILENT,
	SHORT,
	CLOSE
};

struct played {
	int fd;
	const enum step *steps;
	size_t n_steps;
	size_t n_requests;
};

static enum err
answer(struct played *p, enum step step, struct ipc_head head)
{
	static const char bytes[64] = "signature";

	head.is_reply = true;
	if (step == BE_SILENT)
		return ERR_OK;
	if (step == CLOSE)
		return ERR_IO;
	if (step == ANSWER_OTHER_ID)
		head.request_id ^= 1;
	if (step == ANSWER_OTHER_TYPE)
		head.type = IPC_KEYD_TOKEN_KEY;
	if (step == ANSWER_BUSY)
		head.error = ERR_BUSY;
	if (step == DENY)
		head.error = ERR_DENIED;
	return ipc_send(p->fd, &head,
	    (struct str){ bytes,
		head.error != ERR_OK ? 0
		    : step == SHORT  ? 63
				     : 64 },
	    -1);
}

static void *
play_keyd(void *context)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct played *p = context;
	struct ipc_head head;

	if (buf_new(IPC_MAX_BYTES, &body) != ERR_OK)
		return NULL;
	while (ipc_receive(p->fd, &head, body, NULL) == ERR_OK) {
		size_t at = p->n_requests < p->n_steps ? p->n_requests : p->n_steps - 1;

		p->n_requests++;
		if (answer(p, p->steps[at], head) != ERR_OK)
			break;
	}
	(void)close(p->fd);
	return NULL;
}

/* Asks for one signature of a keyd that takes these steps. */
static enum err
ask(const enum step *steps, size_t n_steps, size_t *ret_requests)
{
	CLEANUP(keyd_client) struct keyd_client *k = NULL;
	struct played p = { .steps = steps, .n_steps = n_steps };
	uint8_t signature[64];
	pthread_t thread;
	int pair[2];
	enum err e;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	p.fd = pair[1];
	assert_int_equal(keyd_client_new(pair[0], &k), ERR_OK);
	assert_int_equal(pthread_create(&thread, NULL, play_keyd, &p), 0);
	e = keyd_token_sign(k, STR("a.b"), signature);
	keyd_client_free(TAKE(k));
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (e == ERR_OK)
		assert_memory_equal(signature, "signature", 10);
	*ret_requests = p.n_requests;
	return e;
}

#define ASK(ret, ...)                           \
	ask((const enum step[]){ __VA_ARGS__ }, \
	    sizeof((const enum step[]){ __VA_ARGS__ }) / sizeof(enum step), (ret))

static void
an_answer_is_taken(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, ANSWER), ERR_OK);
	assert_int_equal(n, 1);
}

static void
a_request_without_an_answer_is_sent_again(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, BE_SILENT, BE_SILENT, ANSWER), ERR_OK);
	assert_int_equal(n, 3);
}

static void
what_keyd_puts_off_is_told_at_once(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, ANSWER_BUSY, ANSWER), ERR_BUSY);
	assert_int_equal(n, 1);
}

static void
the_answer_to_something_else_is_passed_over(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, ANSWER_OTHER_ID, ANSWER), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(ASK(&n, ANSWER_OTHER_TYPE, ANSWER), ERR_OK);
	assert_int_equal(n, 2);
}

static void
a_refusal_is_final(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, DENY, ANSWER), ERR_DENIED);
	assert_int_equal(n, 1);
}

static void
an_answer_of_another_size_is_malformed(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, SHORT), ERR_MALFORMED);
}

static void
a_closed_channel_is_told_at_once(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(ASK(&n, CLOSE), ERR_IO);
}

static void
what_fits_no_packet_is_not_sent(void **state)
{
	CLEANUP(keyd_client) struct keyd_client *k = NULL;
	CLEANUP(buf) struct buf *record = NULL;
	static char large[IPC_MAX_BYTES];
	const struct keyd_place place = { .table = "t", .column = "c" };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(keyd_client_new(pair[0], &k), ERR_OK);
	assert_int_equal(buf_new(2 * IPC_MAX_BYTES, &record), ERR_OK);
	assert_int_equal(keyd_seal(k, &place, (struct str){ large, sizeof(large) }, record),
	    ERR_TOO_LARGE);
	/* Room for the fields, but none for the packet's head. */
	assert_int_equal(keyd_seal(k, &place, (struct str){ large, sizeof(large) - 46 }, record),
	    ERR_TOO_LARGE);
	(void)close(pair[1]);
}

static void
do_nothing(int number)
{
	(void)number;
}

/* keyd is away: nobody reads, large requests fill the channel, and signals come in between. */
static void
while_keyd_is_away_a_call_ends_by_itself(void **state)
{
	CLEANUP(keyd_client) struct keyd_client *k = NULL;
	CLEANUP(buf) struct buf *record = NULL;
	static char large[150000];
	const struct keyd_place place = { .table = "t", .column = "c" };
	const struct sigaction quiet = { .sa_handler = do_nothing };
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } },
			       never = { { 0, 0 }, { 0, 0 } };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(keyd_client_new(pair[0], &k), ERR_OK);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &record), ERR_OK);
	assert_int_equal(sigaction(SIGALRM, &quiet, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(keyd_seal(k, &place, (struct str){ large, sizeof(large) }, record),
	    ERR_BUSY);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_taken),
		cmocka_unit_test(a_request_without_an_answer_is_sent_again),
		cmocka_unit_test(what_keyd_puts_off_is_told_at_once),
		cmocka_unit_test(the_answer_to_something_else_is_passed_over),
		cmocka_unit_test(a_refusal_is_final),
		cmocka_unit_test(an_answer_of_another_size_is_malformed),
		cmocka_unit_test(a_closed_channel_is_told_at_once),
		cmocka_unit_test(what_fits_no_packet_is_not_sent),
		cmocka_unit_test(while_keyd_is_away_a_call_ends_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
