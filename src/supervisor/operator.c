/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator - run/keys.sock: who is root at this machine gets a channel to keyd, by its own role.
 *
 * The supervisor reads nothing from it; it asks the kernel who connected and hands the channel on.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "supervisor/supervisor.h"

#define BACKLOG 4

enum err
operator_open(struct supervisor *s, struct err_detail *reterr)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int len = snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/keys.sock", s->conf.dir);
	mode_t mask;
	bool is_bound;

	if (len < 0 || (size_t)len >= sizeof(at.sun_path))
		return err_set(reterr, ERR_TOO_LARGE, "%s: too long for a unix socket",
		    s->conf.dir);
	(void)unlink(at.sun_path);
	mask = umask(0177);
	is_bound = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
	(void)umask(mask);
	if (!is_bound || listen(fd, BACKLOG) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", at.sun_path, strerror(errno));
	s->operator_fd = TAKE_FD(fd);
	return ERR_OK;
}

void
operator_admit(struct supervisor *s)
{
	const struct ipc_head head = { .type = IPC_KEYD_PEER };
	const char role = (char)ROLE_OPERATOR;
	CLEANUP_FD int fd = accept4(s->operator_fd, NULL, NULL, SOCK_CLOEXEC);
	struct ucred who;
	socklen_t len = sizeof(who);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 || who.uid != geteuid()) {
		logs_say(s, "operator_refused", "keys.sock", "another user connected");
		return;
	}
	if (s->children[CHILD_KEYD].channel_fd < 0 ||
	    ipc_send(s->children[CHILD_KEYD].channel_fd, &head, (struct str){ &role, 1 }, fd) !=
		ERR_OK)
		logs_say(s, "keyd_not_told", "operator", "");
}
