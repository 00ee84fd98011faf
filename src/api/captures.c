/* SPDX-License-Identifier: Apache-2.0 */
#include "api/captures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/api.h"
#include "api/json_out.h"
#include "base/conf.h"

#define SLOTS 64
#define SLOT_BYTES 128
#define COUNTERS_AT 8 /* behind the pid */
#define TRIES 20

enum err
captures_open(const char *dir, int *ret_fd)
{
	char path[CONF_PATH_BYTES + 8];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/run", dir);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	*ret_fd = fd;
	return ERR_OK;
}

static uint64_t
number_at(const uint8_t *at)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < 8; i++)
		n |= (uint64_t)at[i] << (8 * i);
	return n;
}

static void
add_slot(struct captures *c, const uint8_t *slot)
{
	const uint8_t *at = slot + COUNTERS_AT;

#define CAPTURE_ADD(name)         \
	c->name += number_at(at); \
	at += 8;
	CAPTURE_COUNTERS(CAPTURE_ADD)
#undef CAPTURE_ADD
}

static enum err
read_once(int fd, struct captures *ret_captures)
{
	uint8_t bytes[SLOTS * SLOT_BYTES];
	ssize_t n = lseek(fd, 0, SEEK_SET) != 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (n < 0)
		return ERR_IO;
	*ret_captures = (struct captures){ 0 };
	for (size_t i = 0; (i + 1) * SLOT_BYTES <= (size_t)n; i++)
		add_slot(ret_captures, bytes + i * SLOT_BYTES);
	return ERR_OK;
}

bool
captures_balance(const struct captures *c)
{
	return c->forwarded == c->stored + c->dropped + c->refused + c->in_flight;
}

enum err
captures_read(int folder_fd, struct captures *ret_captures)
{
	CLEANUP_FD int fd = openat(folder_fd, "edge.counters", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum err e = ERR_OK;

	*ret_captures = (struct captures){ 0 };
	if (fd < 0)
		return errno == ENOENT ? ERR_OK : ERR_IO;
	/* Workers write while we read; a sum taken between two of their steps is taken again. */
	for (int i = 0; i < TRIES; i++) {
		e = read_once(fd, ret_captures);
		if (e != ERR_OK || captures_balance(ret_captures))
			break;
	}
	return e;
}

/* No counts: they are of all workspaces together. */
enum err
captures_get(struct request *r)
{
	struct captures c;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	enum err e = captures_read(r->worker->api->run_fd, &c);

	if (e != ERR_OK)
		return e;
	json_open_object(&j, NULL);
	json_put_bool(&j, "balanced", captures_balance(&c));
	json_put_bool(&j, "complete", c.dropped == 0);
	json_close_object(&j);
	return json_out_end(&j);
}
