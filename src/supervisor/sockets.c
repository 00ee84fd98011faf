/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets - the listening unix sockets, made once and handed to each collector and api in turn, so
 * that connections wait while one restarts.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "supervisor/supervisor.h"

#define BACKLOG 1024

static enum err
open_socket(const struct conf *conf, const char *name, int *ret_fd, struct err_detail *reterr)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char group_name[CONF_VALUE_BYTES + 8];
	const struct group *edge;
	int len = snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/%s", conf->dir, name);

	if (len < 0 || (size_t)len >= sizeof(at.sun_path))
		return err_set(reterr, ERR_TOO_LARGE,
		    "%s/run/%s is too long for a unix socket: use a data folder with a shorter path",
		    conf->dir, name);
	(void)unlink(at.sun_path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, BACKLOG) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", at.sun_path, strerror(errno));
	/* Only the edge connects. */
	(void)snprintf(group_name, sizeof(group_name), "%s-edge", conf->user_prefix);
	edge = getgrnam(group_name);
	if (geteuid() == 0 && (edge == NULL || chown(at.sun_path, 0, edge->gr_gid) != 0))
		return err_set(reterr, ERR_NOT_FOUND, "there is no group %s: run tools/setup/users",
		    group_name);
	if (chmod(at.sun_path, 0660) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", at.sun_path, strerror(errno));
	*ret_fd = TAKE_FD(fd);
	return ERR_OK;
}

enum err
sockets_open(struct supervisor *s, struct err_detail *reterr)
{
	for (int id = 0; id < N_CHILDREN; id++) {
		enum err e;

		s->listen_fds[id] = -1;
		if (child_kinds[id].socket == NULL)
			continue;
		e = open_socket(&s->conf, child_kinds[id].socket, &s->listen_fds[id], reterr);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}
