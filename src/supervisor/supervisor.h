/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor - starts the processes, watches them, and wires who may talk to whom.
 *
 * It reads nothing from the network.  A child that ends is started again at once, then with pauses
 * that double up to a second, for ever.  Each child's lines go to the log through a pipe.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/conf.h"
#include "ipc/ipc.h"

enum child_id {
	CHILD_POSTGRES,
	CHILD_KEYD,
	CHILD_SETUP,
	CHILD_COLLECTOR,
	CHILD_API,
	CHILD_JUDGE,
	CHILD_STEWARD,
	CHILD_SAMPLE,
	CHILD_EDGE,
	N_CHILDREN
};

/* What a child is, apart from its state; the table is in children.c. */
struct child_kind {
	const char *name;
	const char *command; /* the subcommand that it is */
	enum ipc_role role;  /* whom keyd takes its channel for; IPC_N_ROLES: no channel */
	const char *socket;  /* the listening socket that it is given, in run/; NULL: none */
	int stop_signal;
	bool is_one_shot;
	bool talks_to_us; /* has a channel to the supervisor at IPC_FD_SUPERVISOR */
	int niceness;     /* what stands behind agents' traffic gives way to it */
};

extern const struct child_kind child_kinds[N_CHILDREN];

struct child {
	pid_t pid; /* 0: not running */
	int log_fd;
	int peer_fd;    /* keyd's end of its channel, kept to give it to a keyd that comes back */
	int channel_fd; /* our end of its channel to us; keyd: the control channel */
	struct buf *line;
	int64_t started_ms;
	int64_t again_ms; /* not before */
	int64_t pause_ms;
	unsigned int restarts;
	bool is_wanted;
	bool was_complained; /* a line of it was shown since its start */
};

/* What can go wrong with a machine while we run; the table is in watch.c. */
enum watch_id { WATCH_DISK, WATCH_CLOCK, WATCH_CERTIFICATES, N_WATCHES };

struct watch {
	int64_t due_ms;
	struct err_detail trouble; /* "" while all is well */
};

struct supervisor {
	struct conf conf;
	struct watch watches[N_WATCHES];
	int64_t wall_ahead_ms; /* of the monotonic clock, when last looked at */
	int64_t stepped_at_ms; /* when the wall clock last stepped, monotonic; 0: never */
	int64_t stepped_by_ms;
	struct child children[N_CHILDREN];
	int listen_fds[N_CHILDREN];
	int operator_fd; /* run/keys.sock, listening */
	int log_file;
	off_t log_bytes;
	bool is_terminal; /* warnings are shown there as well */
	bool is_stopping;
	bool has_failed; /* the start was refused */
};

/* children.c */
MUST_CHECK enum err child_start(struct supervisor *s, enum child_id id);
void child_gone(struct supervisor *s, enum child_id id, int status);
void child_reload_edge(const struct supervisor *s); /* new addresses, no connection refused */
void child_tell_keyd(struct supervisor *s, enum child_id id); /* gives keyd the child's channel */

/* logs.c */
MUST_CHECK enum err logs_open(struct supervisor *s, struct err_detail *reterr);
void logs_read(struct supervisor *s, enum child_id id); /* what the pipe holds now */
void logs_say(struct supervisor *s, const char *event, const char *name, const char *detail);

/* checks.c: what would make the start fail later and say less */
MUST_CHECK enum err checks_run(const struct conf *conf, struct err_detail *reterr);
MUST_CHECK enum err checks_disk(const struct conf *conf, struct err_detail *reterr);
MUST_CHECK enum err checks_certificates(const struct conf *conf, int days_left,
    struct err_detail *reterr);

/* niceness.c */
void niceness_set(int niceness);                     /* of this process and its session */
void niceness_of_server(const struct supervisor *s); /* of PostgreSQL's processes that run now */

/* watch.c: looks at what is due; trouble is said once, and shown in the status until it is over */
void watch_machine(struct supervisor *s);

/* sockets.c */
MUST_CHECK enum err sockets_open(struct supervisor *s, struct err_detail *reterr);

/* operator.c */
MUST_CHECK enum err operator_open(struct supervisor *s, struct err_detail *reterr);
void operator_admit(struct supervisor *s); /* who waits at run/keys.sock */

/* status.c */
void status_write(const struct supervisor *s);
