/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/ipc.h"

static void
fields_are_read_as_they_were_written(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct uuid id = uuid_new(), back_id;
	struct ipc_reader r;
	struct str text;
	uint8_t small;
	uint32_t medium;
	uint64_t large;

	(void)state;
	assert_int_equal(buf_new(IPC_MAX_BYTES, &b), ERR_OK);
	assert_int_equal(ipc_put_u8(b, 200), ERR_OK);
	assert_int_equal(ipc_put_u32(b, 4000000000u), ERR_OK);
	assert_int_equal(ipc_put_u64(b, 1ull << 63), ERR_OK);
	assert_int_equal(ipc_put_bytes(b, STR("a\0b")), ERR_OK);
	assert_int_equal(ipc_put_uuid(b, &id), ERR_OK);
	r.left = buf_str(b);
	assert_int_equal(ipc_get_u8(&r, &small), ERR_OK);
	assert_int_equal(ipc_get_u32(&r, &medium), ERR_OK);
	assert_int_equal(ipc_get_u64(&r, &large), ERR_OK);
	assert_int_equal(ipc_end(&r), ERR_MALFORMED);
	assert_int_equal(ipc_get_bytes(&r, &text), ERR_OK);
	assert_int_equal(ipc_get_uuid(&r, &back_id), ERR_OK);
	assert_int_equal(ipc_end(&r), ERR_OK);
	assert_int_equal(small, 200);
	assert_true(medium == 4000000000u && large == 1ull << 63);
	assert_true(str_equals(text, STR("a\0b")));
	assert_true(uuid_equals(&id, &back_id));
}

static void
a_length_past_the_end_is_refused_and_moves_nothing(void **state)
{
	static const char lies[] = "\x00\x00\x00\x05"
				   "abcd";
	struct ipc_reader r = { { lies, 8 } };
	struct str text;

	(void)state;
	assert_int_equal(ipc_get_bytes(&r, &text), ERR_MALFORMED);
	assert_int_equal(r.left.len, 8);
	r.left = (struct str){ "\xff\xff\xff\xff", 4 };
	assert_int_equal(ipc_get_bytes(&r, &text), ERR_MALFORMED);
}

static void
a_packet_and_its_descriptor_arrive(void **state)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct ipc_head sent = { .type = IPC_KEYD_PEER, .request_id = 7 }, got;
	int pair[2], passed = open("/dev/null", O_RDONLY | O_CLOEXEC), received = -1;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &body), ERR_OK);
	assert_int_equal(ipc_send(pair[0], &sent, STR("x"), passed), ERR_OK);
	assert_int_equal(ipc_receive(pair[1], &got, body, &received), ERR_OK);
	assert_int_equal(got.type, IPC_KEYD_PEER);
	assert_int_equal(got.request_id, 7);
	assert_true(str_equals(buf_str(body), STR("x")));
	assert_true(received >= 0);
	assert_int_not_equal(fcntl(received, F_GETFD) & FD_CLOEXEC, 0);
	(void)close(pair[0]);
	assert_int_equal(ipc_receive(pair[1], &got, body, NULL), ERR_NOT_FOUND);
	(void)close(pair[1]);
	(void)close(passed);
	(void)close(received);
}

static void
packets_of_another_shape_are_malformed(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = { { "\x01\x02\x00\x00\x00\x00\x00", 7 },
		{ "\x02\x02\x00\x00\x00\x00\x00\x01", 8 },
		{ "\x01\xfe\x00\x00\x00\x00\x00\x01", 8 },
		{ "\x01\x02\x02\x00\x00\x00\x00\x01", 8 },
		{ "\x01\x02\x00\x05\x00\x00\x00\x01", 8 },
		{ "\x01\x02\x01\x63\x00\x00\x00\x01", 8 } };
	CLEANUP(buf) struct buf *body = NULL;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &body), ERR_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct ipc_head got;

		assert_int_equal(send(pair[0], wrong[i].bytes, wrong[i].len, 0),
		    (ssize_t)wrong[i].len);
		assert_int_equal(ipc_receive(pair[1], &got, body, NULL), ERR_MALFORMED);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* Sends a packet with n descriptors of /dev/null. */
static void
send_with_descriptors(int to, size_t n)
{
	uint8_t packet[8] = { 1, IPC_KEYD_PEER };
	struct iovec part = { packet, sizeof(packet) };

	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };

	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	for (size_t i = 0; i < n; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(int));
	assert_int_equal(sendmsg(to, &message, 0), sizeof(packet));
	(void)close(fd);
}

/* The number that the next descriptor will get. */
static int
next_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)close(fd);
	return fd;
}

static void
descriptors_that_nobody_asked_for_end_the_peer_and_none_stays_open(void **state)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct ipc_head head;
	int pair[2], received, next;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(buf_new(IPC_MAX_BYTES, &body), ERR_OK);
	next = next_descriptor();
	for (size_t n = 1; n <= 8; n++) {
		send_with_descriptors(pair[0], n);
		assert_int_equal(ipc_receive(pair[1], &head, body, NULL), ERR_MALFORMED);
		assert_int_equal(next_descriptor(), next);
		send_with_descriptors(pair[0], n + (n == 1));
		assert_int_equal(ipc_receive(pair[1], &head, body, &received), ERR_MALFORMED);
		assert_int_equal(received, -1);
		assert_int_equal(next_descriptor(), next);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
sending_to_a_peer_that_does_not_read_is_busy_and_never_waits(void **state)
{
	static char large[100000];
	struct ipc_head head = { .type = IPC_KEYD_SEAL };
	int pair[2], sent = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	while (ipc_send(pair[0], &head, (struct str){ large, sizeof(large) }, -1) == ERR_OK)
		sent++;
	assert_true(sent > 0);
	assert_int_equal(ipc_send(pair[0], &head, (struct str){ large, sizeof(large) }, -1),
	    ERR_BUSY);
	(void)close(pair[1]);
	assert_int_equal(ipc_send(pair[0], &head, STR("x"), -1), ERR_NOT_FOUND);
	(void)close(pair[0]);
}

static void
only_the_named_senders_may_speak_to_keyd(void **state)
{
	(void)state;
	assert_true(ipc_is_allowed(IPC_KEYD_SEAL, ROLE_COLLECTOR, ROLE_KEYD));
	assert_false(ipc_is_allowed(IPC_KEYD_UNSEAL, ROLE_COLLECTOR, ROLE_KEYD));
	assert_true(ipc_is_allowed(IPC_KEYD_UNSEAL_POLICY, ROLE_COLLECTOR, ROLE_KEYD));
	assert_false(ipc_is_allowed(IPC_KEYD_UNSEAL_POLICY, ROLE_JUDGE, ROLE_KEYD));
	assert_false(ipc_is_allowed(IPC_KEYD_SEAL, ROLE_EDGE, ROLE_KEYD));
	assert_false(ipc_is_allowed(IPC_KEYD_CONTEXT_KEY, ROLE_API, ROLE_KEYD));
	assert_false(ipc_is_allowed(IPC_KEYD_PEER, ROLE_API, ROLE_KEYD));
	assert_false(ipc_is_allowed(IPC_KEYD_SEAL, ROLE_COLLECTOR, ROLE_SUPERVISOR));
	for (int role = 0; role < IPC_N_ROLES; role++)
		assert_false(ipc_is_allowed((enum ipc_type)99, (enum ipc_role)role, ROLE_KEYD));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read_as_they_were_written),
		cmocka_unit_test(a_length_past_the_end_is_refused_and_moves_nothing),
		cmocka_unit_test(a_packet_and_its_descriptor_arrive),
		cmocka_unit_test(packets_of_another_shape_are_malformed),
		cmocka_unit_test(
		    descriptors_that_nobody_asked_for_end_the_peer_and_none_stays_open),
		cmocka_unit_test(sending_to_a_peer_that_does_not_read_is_busy_and_never_waits),
		cmocka_unit_test(only_the_named_senders_may_speak_to_keyd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
