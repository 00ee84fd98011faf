/* SPDX-License-Identifier: Apache-2.0 */
/* logs - the children's lines: into log/rendfly.log, which is turned over, and warnings to a
 * person. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "supervisor/supervisor.h"

#define LOG_FILE_MAX_BYTES (64 << 20)
#define LOG_FILES_KEPT 5
#define READ_BYTES 4096

static void
log_path(const struct supervisor *s, int number, char *ret_path, size_t path_bytes)
{
	if (number == 0)
		(void)snprintf(ret_path, path_bytes, "%s/log/rendfly.log", s->conf.dir);
	else
		(void)snprintf(ret_path, path_bytes, "%s/log/rendfly.log.%d", s->conf.dir, number);
}

enum err
logs_open(struct supervisor *s, struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 32];
	struct stat at;

	log_path(s, 0, path, sizeof(path));
	s->log_file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->log_file < 0 || fstat(s->log_file, &at) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	s->log_bytes = at.st_size;
	return ERR_OK;
}

static void
turn_over(struct supervisor *s)
{
	struct err_detail detail;

	for (int number = LOG_FILES_KEPT; number > 0; number--) {
		char from[CONF_PATH_BYTES + 32], to[CONF_PATH_BYTES + 32];

		log_path(s, number - 1, from, sizeof(from));
		log_path(s, number, to, sizeof(to));
		(void)rename(from, to);
	}
	(void)close(s->log_file);
	(void)!logs_open(s, &detail);
}

static void
write_line(struct supervisor *s, struct str line)
{
	if (s->log_bytes > LOG_FILE_MAX_BYTES)
		turn_over(s);
	/* A full disk costs log lines, nothing else. */
	if (file_write_all(s->log_file, line) == ERR_OK &&
	    file_write_all(s->log_file, STR("\n")) == ERR_OK)
		s->log_bytes += (off_t)line.len + 1;
}

/* Control bytes of programs that are not ours must not move a terminal. */
static void
show(struct str line)
{
	char safe[512];
	size_t n = line.len < sizeof(safe) - 1 ? line.len : sizeof(safe) - 1;

	memcpy(safe, line.at, n);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)safe[i] < 0x20 || safe[i] == 0x7f)
			safe[i] = ' ';
	safe[n] = '\0';
	(void)fprintf(stderr, "%s\n", safe);
}

/* PostgreSQL's FATAL to whom asks before it is there: every start has one, and it passes. */
static bool
is_passing(struct str line)
{
	return str_contains(line, STR("the database system is starting up")) ||
	    str_contains(line, STR("the database system is shutting down"));
}

static bool
is_for_people(const struct supervisor *s, struct str line)
{
	if (is_passing(line) ||
	    (s->is_stopping && str_contains(line, STR("due to administrator command"))))
		return false;
	return str_contains(line, STR("Z warn ")) || str_contains(line, STR("Z error ")) ||
	    str_contains(line, STR("FATAL")) || str_contains(line, STR("PANIC")) ||
	    str_contains(line, STR("[emerg]")) || str_contains(line, STR("[alert]"));
}

static void
take_lines(struct supervisor *s, enum child_id id, bool is_last)
{
	struct buf *b = s->children[id].line;

	for (;;) {
		struct str all = buf_str(b);
		const char *end = all.len == 0 ? NULL : memchr(all.at, '\n', all.len);
		size_t len = end == NULL ? all.len : (size_t)(end - all.at);
		struct str line = str_slice(all, 0, len);

		if (end == NULL &&
		    (all.len == 0 || (!is_last && all.len + READ_BYTES <= buf_limit(b))))
			return;
		if (line.len > 0) {
			write_line(s, line);
			/* What a refused start says is for the person who started it. */
			if (id == CHILD_SETUP
				? s->is_terminal && !str_contains(line, STR("Z info "))
				: s->is_terminal && is_for_people(s, line))
				show(line);
		}
		buf_drop_front(b, end == NULL ? len : len + 1);
	}
}

void
logs_read(struct supervisor *s, enum child_id id)
{
	struct child *c = &s->children[id];

	if (c->log_fd < 0 || c->line == NULL)
		return;
	for (;;) {
		char bytes[READ_BYTES];
		ssize_t got = read(c->log_fd, bytes, sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0) {
			take_lines(s, id, true);
			(void)close(c->log_fd);
			c->log_fd = -1;
			return;
		}
		if (got < 0)
			return;
		if (buf_append(c->line, bytes, (size_t)got) != ERR_OK)
			buf_clear(c->line);
		take_lines(s, id, false);
	}
}

void
logs_say(struct supervisor *s, const char *event, const char *name, const char *detail)
{
	char line[LOG_LINE_BYTES];
	const struct log_field fields[] = { LOG_STR("child", name), LOG_STR("detail", detail),
		LOG_END };
	size_t len = log_format_line(LOG_WARN, event, fields, line, sizeof(line));

	write_line(s, (struct str){ line, len });
	if (s->is_terminal)
		show((struct str){ line, len });
}
