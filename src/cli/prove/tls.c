/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - every TCP socket that a process of ours listens on is probed: TLS 1.3 must be spoken, TLS
 * 1.2 refused.  The list comes from /proc, not from our configuration.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/file.h"
#include "cli/prove/processes.h"
#include "cli/prove/prove.h"
#include "store/queries.h"
#include "store/store.h"

#define LISTENERS_MAX 64
#define NET_TCP_MAX_BYTES (8u << 20)
#define PROBE_TIMEOUT_S 5
#define SOCKET_LINK "socket:["
#define NET_TCP_LINE_BYTES 256
/* The fields of a line of /proc/net/tcp, by their places. */
#define NET_TCP_LOCAL 1
#define NET_TCP_STATE 3
#define NET_TCP_INODE 9
#define TCP_STATE_LISTEN 0x0a

struct listener {
	unsigned long inode;
	uint16_t port;
	bool is_loopback;
	char role[32]; /* "" when it is not ours */
};

static bool
is_loopback_address(const char *hex)
{
	/* Little-endian words as the kernel prints them: 127.0.0.1, ::1. */
	return strcmp(hex, "0100007F") == 0 || strcmp(hex, "00000000000000000000000001000000") == 0;
}

/* A line of /proc/net/tcp: "  0: ADDRESS:PORT PEER:PORT STATE QUEUES TIMER RETRANSMITS UID TIMEOUT
 * INODE …", address, port and state in hexadecimal. */
static bool
read_listener(const char *line, struct listener *ret_listener)
{
	char text[NET_TCP_LINE_BYTES], *field[NET_TCP_INODE + 1], *rest = text, *colon;

	(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	for (size_t i = 0; i <= NET_TCP_INODE; i++) {
		do
			field[i] = strsep(&rest, " ");
		while (field[i] != NULL && field[i][0] == '\0');
		if (field[i] == NULL)
			return false;
	}
	colon = strchr(field[NET_TCP_LOCAL], ':');
	if (colon == NULL || strtoul(field[NET_TCP_STATE], NULL, 16) != TCP_STATE_LISTEN)
		return false;
	*colon = '\0';
	*ret_listener = (struct listener){ .inode = strtoul(field[NET_TCP_INODE], NULL, 10),
		.port = (uint16_t)strtoul(colon + 1, NULL, 16),
		.is_loopback = is_loopback_address(field[NET_TCP_LOCAL]) };
	return true;
}

static void
read_listeners(const char *path, struct listener list[LISTENERS_MAX], size_t *n)
{
	CLEANUP(buf) struct buf *b = NULL;
	const char *line;

	if (buf_new(NET_TCP_MAX_BYTES, &b) != ERR_OK || file_read(path, b, NULL) != ERR_OK)
		return;
	for (line = strchr(buf_c_string(b), '\n'); line != NULL && *n < LISTENERS_MAX;
	     line = strchr(line + 1, '\n'))
		if (read_listener(line + 1, &list[*n]))
			(*n)++;
}

static void
mark_owner(const struct process *process, struct listener list[LISTENERS_MAX], size_t n)
{
	char folder[64];
	const struct dirent *entry;
	DIR *fds;

	(void)snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)process->pid);
	fds = opendir(folder);
	while (fds != NULL && (entry = readdir(fds)) != NULL) {
		char path[400], target[64] = "";
		unsigned long inode;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (readlink(path, target, sizeof(target) - 1) < 0 ||
		    strncmp(target, SOCKET_LINK, strlen(SOCKET_LINK)) != 0)
			continue;
		inode = strtoul(target + strlen(SOCKET_LINK), NULL, 10);
		for (size_t i = 0; i < n; i++)
			if (list[i].inode == inode)
				memcpy(list[i].role, process->role, sizeof(list[i].role));
	}
	if (fds != NULL)
		(void)closedir(fds);
}

static int
connect_loopback(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = PROBE_TIMEOUT_S };
	CLEANUP_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		return -1;
	return TAKE_FD(fd);
}

/* PostgreSQL asks for its SSLRequest before the handshake. */
static bool
ask_postgres_for_tls(int fd)
{
	static const unsigned char request[] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };
	char answer = 0;

	return send(fd, request, sizeof(request), MSG_NOSIGNAL) == (ssize_t)sizeof(request) &&
	    recv(fd, &answer, 1, 0) == 1 && answer == 'S';
}

/* Does the listener finish a handshake of this version?  The certificate is not the question here.
 */
static bool
speaks_tls(const struct listener *l, int version)
{
	CLEANUP_FD int fd = connect_loopback(l->port);
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	bool speaks = false;

	if (fd >= 0 && context != NULL &&
	    (strcmp(l->role, "postgres") != 0 || ask_postgres_for_tls(fd)) &&
	    SSL_CTX_set_min_proto_version(context, version) == 1 &&
	    SSL_CTX_set_max_proto_version(context, version) == 1 &&
	    (ssl = SSL_new(context)) != NULL && SSL_set_fd(ssl, fd) == 1)
		speaks = SSL_connect(ssl) == 1;
	SSL_free(ssl);
	SSL_CTX_free(context);
	return speaks;
}

static void
probe_listener(const struct prove_context *p, const struct listener *l, struct buf *faults)
{
	if (l->is_loopback && l->port == (uint16_t)p->conf.metrics_port)
		return; /* counters in plain text, for this machine only */
	if (!speaks_tls(l, TLS1_3_VERSION))
		(void)!buf_printf(faults, " port %u (%s) does not speak TLS 1.3;", l->port,
		    l->role);
	if (speaks_tls(l, TLS1_2_VERSION))
		(void)!buf_printf(faults, " port %u (%s) speaks TLS 1.2;", l->port, l->role);
}

static void
look_at_sessions(const struct prove_context *p, struct buf *faults, int64_t *ret_sessions)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct err_detail detail = { "" };

	if (store_open(&p->conf, "operator", NULL, &store, &detail) != ERR_OK ||
	    store_run(store, SQL_COUNT_SESSIONS_BY_PROTOCOL, NULL, 0, &rows) != ERR_OK) {
		(void)!buf_printf(faults, " the database sessions cannot be read (%s);",
		    detail.text);
		return;
	}
	for (size_t i = 0; i < store_row_count(rows); i++) {
		struct str protocol = store_text(rows, i, 0);

		*ret_sessions += store_int(rows, i, 1);
		if (!str_equals(protocol, STR("TLSv1.3")))
			(void)!buf_printf(faults, " %d database sessions over \"%.*s\";",
			    (int)store_int(rows, i, 1), STR_ARG(protocol));
	}
}

void
prove_tls(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(buf) struct buf *faults = NULL;
	struct process processes[PROCESSES_MAX];
	struct listener list[LISTENERS_MAX];
	struct err_detail detail;
	size_t n_processes = 0, n = 0, ours = 0;
	int64_t sessions = 0;

	if (processes_list(&p->conf, processes, &n_processes, &detail) != ERR_OK) {
		prove_say(r, false, "%s", detail.text);
		return;
	}
	if (buf_new(PROVE_EVIDENCE_BYTES, &faults) != ERR_OK)
		return;
	read_listeners("/proc/net/tcp", list, &n);
	read_listeners("/proc/net/tcp6", list, &n);
	for (size_t i = 0; i < n_processes; i++)
		mark_owner(&processes[i], list, n);
	for (size_t i = 0; i < n; i++) {
		if (list[i].role[0] == '\0')
			continue;
		probe_listener(p, &list[i], faults);
		ours++;
	}
	look_at_sessions(p, faults, &sessions);
	if (buf_len(faults) > 0)
		prove_say(r, false, "%zu listening sockets:%s", ours, buf_c_string(faults));
	else
		prove_say(r, ours >= 2 && sessions > 0,
		    "%zu listening sockets: TLS 1.3 spoken and TLS 1.2 refused on each (but the loopback "
		    "port of the metrics); %d database sessions, all TLSv1.3",
		    ours, (int)sessions);
}
