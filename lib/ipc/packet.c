/* SPDX-License-Identifier: Apache-2.0 */
/* packet - one message, one packet: its head, its body, perhaps a descriptor. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "ipc/ipc.h"

#define HEAD_BYTES 8
#define IPC_VERSION 1

union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int))];
};

enum err
ipc_send(int fd, const struct ipc_head *head, struct str body, int pass_fd)
{
	uint8_t h[HEAD_BYTES] = { IPC_VERSION, (uint8_t)head->type, head->is_reply ? 1 : 0,
		(uint8_t)head->error, (uint8_t)(head->request_id >> 24),
		(uint8_t)(head->request_id >> 16), (uint8_t)(head->request_id >> 8),
		(uint8_t)head->request_id };
	struct iovec parts[2] = { { h, sizeof(h) }, { (void *)(uintptr_t)body.at, body.len } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = body.len > 0 ? 2 : 1 };
	union control control = { 0 };

	if (body.len > IPC_MAX_BYTES - HEAD_BYTES)
		return ERR_TOO_LARGE;
	if (pass_fd >= 0) {
		struct cmsghdr *c;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	for (;;) {
		if (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return ERR_OK;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return ERR_BUSY;
		return errno == EPIPE || errno == ECONNRESET ? ERR_NOT_FOUND : ERR_IO;
	}
}

/* Gives the caller the one descriptor that it wants and closes every other, so that a peer cannot
 * pile them up here; false when there was any other.  The kernel may put two into the room that
 * alignment leaves for one. */
static bool
take_descriptors(struct msghdr *message, int *ret_fd)
{
	bool is_only = true;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0);
		     at += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + at, sizeof(int));
			if (ret_fd != NULL && *ret_fd < 0) {
				*ret_fd = fd;
				continue;
			}
			(void)close(fd);
			is_only = false;
		}
	}
	return is_only;
}

static enum err
read_head(const uint8_t h[static HEAD_BYTES], struct ipc_head *ret_head)
{
	if (h[0] != IPC_VERSION || ipc_type_name((enum ipc_type)h[1]) == NULL || h[2] > 1 ||
	    h[3] > ERR_LAST || (h[2] == 0 && h[3] != 0))
		return ERR_MALFORMED;
	*ret_head = (struct ipc_head){ .type = (enum ipc_type)h[1],
		.is_reply = h[2] == 1,
		.error = (enum err)h[3],
		.request_id =
		    (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7] };
	return ERR_OK;
}

/* Leaves nothing of a refused packet behind. */
static void
give_up(char *body, size_t got, int *ret_fd)
{
	if (got > HEAD_BYTES)
		explicit_bzero(body, got - HEAD_BYTES);
	if (ret_fd == NULL || *ret_fd < 0)
		return;
	(void)close(*ret_fd);
	*ret_fd = -1;
}

enum err
ipc_receive(int fd, struct ipc_head *ret_head, struct buf *body, int *ret_fd)
{
	uint8_t h[HEAD_BYTES];
	union control control = { 0 };
	char *to = NULL;
	struct iovec parts[2] = { { h, sizeof(h) } };
	struct msghdr message = { .msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t got;
	enum err e;

	if (ret_fd != NULL)
		*ret_fd = -1;
	buf_clear(body);
	e = buf_reserve(body, IPC_MAX_BYTES - HEAD_BYTES, &to);
	if (e != ERR_OK)
		return e;
	parts[1] = (struct iovec){ to, IPC_MAX_BYTES - HEAD_BYTES };
	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return ERR_BUSY;
	if (got < 0 && errno != ECONNRESET)
		return ERR_IO;
	if (got <= 0)
		return ERR_NOT_FOUND;
	if (!take_descriptors(&message, ret_fd) || got < HEAD_BYTES ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		e = read_head(h, ret_head);
	if (e == ERR_OK)
		buf_commit(body, (size_t)got - HEAD_BYTES);
	else
		give_up(to, (size_t)got, ret_fd);
	return e;
}
