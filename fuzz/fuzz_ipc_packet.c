/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as one packet: it is refused, or it is of the one version, a known type and a known
 * error, with the bytes behind the head as its body; sent on, it is the same packet.
 */
#include <assert.h>
#include <stdint.h>
#include <sys/socket.h>

#include "ipc/ipc.h"

#define HEAD_BYTES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
assert_same_again(int pair[2], const struct ipc_head *head, struct str body)
{
	CLEANUP(buf) struct buf *again = NULL;
	struct ipc_head back;

	assert(buf_new(IPC_MAX_BYTES, &again) == ERR_OK);
	assert(ipc_send(pair[0], head, body, -1) == ERR_OK);
	assert(ipc_receive(pair[1], &back, again, NULL) == ERR_OK);
	assert(back.type == head->type && back.is_reply == head->is_reply &&
	    back.error == head->error && back.request_id == head->request_id &&
	    str_equals(buf_str(again), body));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct ipc_head head;
	int pair[2], fd = -1;
	enum err e;

	if (size == 0 || size > IPC_MAX_BYTES)
		return 0;
	assert(buf_new(IPC_MAX_BYTES, &body) == ERR_OK);
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	assert(send(pair[0], data, size, 0) == (ssize_t)size);
	e = ipc_receive(pair[1], &head, body, &fd);
	assert(fd == -1 && (e == ERR_OK || e == ERR_MALFORMED));
	if (e == ERR_OK) {
		assert(size >= HEAD_BYTES && data[0] == 1 && ipc_type_name(head.type) != NULL);
		assert(head.error <= ERR_LAST && (head.is_reply || head.error == ERR_OK));
		assert(str_equals(buf_str(body),
		    (struct str){ (const char *)data + HEAD_BYTES, size - HEAD_BYTES }));
		assert_same_again(pair, &head, buf_str(body));
	} else {
		assert(buf_len(body) == 0);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
	return 0;
}
