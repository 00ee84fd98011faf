/* SPDX-License-Identifier: Apache-2.0 */
/* prepare - fills dir/run/edge before nginx starts. */
#include "edge/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "edge/policy.h"
#include "edge/render.h"
#include "edge/resolve.h"

#define MODULE_NAME "ngx_http_rendfly_module.so"
#define MODULE_MAX_BYTES ((size_t)16 << 20)
#define TEXT_MAX_BYTES ((size_t)1 << 20)
#define COUNTERS_BYTES ((off_t)64 * 128)

static enum err
make_folder(const char *path, mode_t mode, struct err_detail *reterr)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	if (chmod(path, mode) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	return ERR_OK;
}

/* What nginx is told by its files must not be nginx's to change. */
static enum err
keep_from_edge(const char *path, struct err_detail *reterr)
{
	if (geteuid() == 0 && lchown(path, 0, 0) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	return ERR_OK;
}

/* Started as root: what nginx must write belongs to its user.  No such user: sandbox_drop_user
 * says so in a moment. */
static enum err
give_to_edge(const struct conf *conf, const char *path, struct err_detail *reterr)
{
	char name[CONF_VALUE_BYTES + 8];
	const struct passwd *user;

	if (geteuid() != 0)
		return ERR_OK;
	(void)snprintf(name, sizeof(name), "%s-edge", conf->user_prefix);
	user = getpwnam(name);
	if (user != NULL && lchown(path, user->pw_uid, user->pw_gid) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	return ERR_OK;
}

static enum err
make_folders(const struct conf *conf, const struct edge_paths *paths, struct err_detail *reterr)
{
	char path[PATH_MAX];
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/run", conf->dir);
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	e = make_folder(paths->run, 0755, reterr);
	if (e == ERR_OK)
		e = keep_from_edge(paths->run, reterr);
	(void)snprintf(path, sizeof(path), "%s/state", paths->run);
	if (e == ERR_OK)
		e = make_folder(path, 0700, reterr);
	if (e == ERR_OK)
		e = give_to_edge(conf, path, reterr);
	return e;
}

/* Made here because the folder is not the edge's to write. */
static enum err
make_counters(const struct conf *conf, struct err_detail *reterr)
{
	char path[PATH_MAX];
	CLEANUP_FD int fd = -1;
	int fault;

	(void)snprintf(path, sizeof(path), "%s/run/edge.counters", conf->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || fchmod(fd, 0644) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	/* Allocated, not sparse: a page that a full disk cannot give would end a worker. */
	fault = posix_fallocate(fd, 0, COUNTERS_BYTES);
	if (fault != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(fault));
	return give_to_edge(conf, path, reterr);
}

/* Beside the program, where the build puts it, or where packages put it. */
static enum err
find_module(char path[static PATH_MAX], struct err_detail *reterr)
{
	static const char *const places[] = { "", "src/edge/", "../lib/rendfly/" };
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	if (len < 0)
		return err_set(reterr, ERR_IO, "/proc/self/exe: %s", strerror(errno));
	program[len] = '\0';
	slash = strrchr(program, '/');
	if (slash != NULL)
		slash[1] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int got = snprintf(path, PATH_MAX, "%s%s" MODULE_NAME, program, places[i]);

		if (got > 0 && got < PATH_MAX && access(path, R_OK) == 0)
			return ERR_OK;
	}
	return err_set(reterr, ERR_NOT_FOUND,
	    MODULE_NAME " is not beside %s: build it (make) or install the package", program);
}

/* The edge's user may not be able to read the folder that the program was built in. */
static enum err
copy_module(const struct edge_paths *paths, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *bytes = NULL;
	char from[PATH_MAX];
	enum err e;

	e = find_module(from, reterr);
	if (e == ERR_OK)
		e = buf_new(MODULE_MAX_BYTES, &bytes);
	if (e == ERR_OK)
		e = file_read(from, bytes, reterr);
	if (e == ERR_OK)
		e = file_replace(paths->module, buf_str(bytes), 0755, reterr);
	return e;
}

static enum err
write_file(const struct edge_paths *paths, const char *name, struct str bytes,
    struct err_detail *reterr)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", paths->run, name);
	return file_replace(path, bytes, 0644, reterr);
}

static enum err
write_upstreams(const struct conf *conf, const struct edge_paths *paths, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *out = NULL;
	enum err e = buf_new(TEXT_MAX_BYTES, &out);

	for (size_t i = 0; e == ERR_OK && i < conf->n_providers; i++) {
		const struct conf_provider *p = &conf->providers[i];
		bool is_resolved = false;

		e = edge_resolve_provider(p, paths->run, out, &is_resolved);
		if (e == ERR_OK && !is_resolved)
			log_warn("provider_has_no_address", LOG_STR("provider", p->name),
			    LOG_STR("host", p->host),
			    LOG_STR("remedy", "check the name and the resolver, then restart"));
	}
	return e == ERR_OK ? write_file(paths, "upstreams.conf", buf_str(out), reterr) : e;
}

static enum err
write_configuration(const struct conf *conf, const struct edge_paths *paths,
    unsigned int connections, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *policy = NULL;
	CLEANUP(buf) struct buf *out = NULL;
	char pages[PATH_MAX];
	enum err e;

	(void)snprintf(pages, sizeof(pages), "%s/www", conf->dir);
	e = buf_new(TEXT_MAX_BYTES, &policy);
	if (e == ERR_OK)
		e = buf_new(TEXT_MAX_BYTES, &out);
	if (e == ERR_OK)
		e = edge_policy_write(pages, policy, reterr);
	if (e == ERR_OK)
		e = edge_render_nginx(conf, paths, buf_c_string(policy), connections, out, reterr);
	return e == ERR_OK ? write_file(paths, "nginx.conf", buf_str(out), reterr) : e;
}

enum err
edge_prepare(const struct conf *conf, unsigned int connections, struct err_detail *reterr)
{
	struct edge_paths paths;
	enum err e;

	(void)snprintf(paths.run, sizeof(paths.run), "%s/run/edge", conf->dir);
	(void)snprintf(paths.module, sizeof(paths.module), "%s/" MODULE_NAME, paths.run);
	e = make_folders(conf, &paths, reterr);
	if (e == ERR_OK)
		e = make_counters(conf, reterr);
	/* A file where nginx wants a folder: no temporary file can be made in it, by nobody. */
	if (e == ERR_OK)
		e = write_file(&paths, "no-temporary-files", STR("a file, on purpose\n"), reterr);
	if (e == ERR_OK)
		e = copy_module(&paths, reterr);
	if (e == ERR_OK)
		e = write_upstreams(conf, &paths, reterr);
	if (e == ERR_OK)
		e = write_configuration(conf, &paths, connections, reterr);
	return e;
}
