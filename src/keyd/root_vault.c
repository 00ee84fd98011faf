/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root_vault - the root key of two halves, of which Vault opens one.
 *
 * root = HKDF(share | half, "rendfly root 1").  keys/root.share holds the share, keys/root.vault
 * the transit ciphertext of the half; keys/vault.secret keeps the secret id that the one-time token
 * gave, sealed under a key of the share, so that keyd can be started again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "ipc/ipc.h"
#include "keyd/root_backend.h"
#include "seal/seal.h"

#define SHARE_BYTES 32
#define HALF_BYTES 32
#define TEXT_MAX_BYTES 4096
#define HELPER_PATIENCE_MS 4500
#define PATH_BYTES ROOT_PATH_BYTES

static const struct seal_place secret_place = { { "vault", 5 }, { "secret", 6 }, { { 0 } },
	{ { 0 } } };

struct opening {
	const struct conf *conf;
	enum root_files files;
	int fd; /* the helper's channel */
	uint32_t last_id;
	struct buf *share, *secret, *reply;
	struct err_detail *reterr;
};

static bool
exists(const struct conf *conf, enum root_files files, const char *name)
{
	char path[PATH_BYTES];
	struct stat s;

	root_path(conf->dir, files, name, path);
	return lstat(path, &s) == 0;
}

/* A file of the root key that is being made: the first one's at its place, another's in next. */
static enum err
put_file(const struct opening *o, const char *name, struct str bytes)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/keys/%s%s", o->conf->dir,
	    o->files == ROOT_NEXT ? "next/" : "", name);
	return file_replace(path, bytes, 0400, o->reterr);
}

/* ---- making */

static enum err
make_share(struct opening *o)
{
	uint8_t share[SHARE_BYTES];
	enum err e = seal_random(share, sizeof(share));

	buf_clear(o->share);
	if (e == ERR_OK)
		e = buf_append(o->share, share, sizeof(share));
	explicit_bzero(share, sizeof(share));
	return e == ERR_OK ? put_file(o, "root.share", buf_str(o->share)) : e;
}

static enum err
init(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *share = NULL;
	struct opening o = { .conf = conf, .fd = -1, .reterr = reterr };
	enum err e = root_init_folder(conf->dir, exists(conf, ROOT_IN_FORCE, "root.vault"), reterr);

	if (e != ERR_OK || exists(conf, ROOT_IN_FORCE, "root.share"))
		return e;
	if (exists(conf, ROOT_IN_FORCE, "root.sealed"))
		return err_set(reterr, ERR_CONFLICT,
		    "keys/root.sealed is there: this folder's root key is a file's, not Vault's");
	e = buf_new(SHARE_BYTES, &share);
	o.share = share;
	return e == ERR_OK ? make_share(&o) : e;
}

/* ---- the helper */

/* Does not return. */
static void
become_helper(const char *dir, int channel)
{
	char program[] = "rendfly", command[] = "vault", option[] = "--dir",
	     folder[CONF_PATH_BYTES];
	char path[] = "PATH=/usr/bin:/bin";
	char *const arguments[] = { program, command, option, folder, NULL };
	char *const environment[] = { path, NULL };

	(void)snprintf(folder, sizeof(folder), "%s", dir);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (dup2(channel, IPC_FD_KEYD) == IPC_FD_KEYD && close_range(IPC_FD_KEYD + 1, ~0u, 0) == 0)
		(void)execve("/proc/self/exe", arguments, environment);
	_exit(127);
}

static enum err
start_helper(struct opening *o)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
		return err_set(o->reterr, ERR_IO, "vault's channel: %s", strerror(errno));
	(void)fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	child = fork();
	if (child == 0)
		become_helper(o->conf->dir, pair[1]);
	(void)close(pair[1]);
	o->fd = pair[0];
	return child > 0 ? ERR_OK
			 : err_set(o->reterr, ERR_IO, "vault's helper: %s", strerror(errno));
}

/* The answer's body is left in o->reply. */
static enum err
ask(struct opening *o, enum ipc_type type, const struct buf *body)
{
	struct ipc_head head = { .type = type, .request_id = ++o->last_id };
	struct pollfd waiting = { .fd = o->fd, .events = POLLIN };
	enum err e = ipc_send(o->fd, &head, buf_str(body), -1);

	if (e != ERR_OK)
		return e;
	if (poll(&waiting, 1, HELPER_PATIENCE_MS) <= 0)
		return ERR_BUSY;
	e = ipc_receive(o->fd, &head, o->reply, NULL);
	if (e != ERR_OK)
		return ERR_BUSY;
	return head.is_reply && head.type == type && head.request_id == o->last_id ? head.error
										   : ERR_MALFORMED;
}

static enum err
ask_about(struct opening *o, enum ipc_type type, struct str bytes)
{
	CLEANUP(buf) struct buf *body = NULL;
	enum err e = buf_new(TEXT_MAX_BYTES, &body);

	if (e == ERR_OK)
		e = ipc_put_bytes(body, bytes);
	return e == ERR_OK ? ask(o, type, body) : e;
}

/* ---- logging in */

static enum err
log_in(struct opening *o, struct str secret)
{
	return ask_about(o, IPC_VAULT_LOGIN, secret);
}

static enum err
secret_key(const struct opening *o, uint8_t ret_key[static SEAL_KEY_BYTES])
{
	return seal_hkdf(buf_str(o->share), STR(""), STR("rendfly vault secret 1"), ret_key,
	    SEAL_KEY_BYTES);
}

static enum err
keep_secret(struct opening *o)
{
	CLEANUP(buf) struct buf *record = NULL;
	const struct uuid no_id = { { 0 } };
	uint8_t key[SEAL_KEY_BYTES];
	enum err e = buf_new(TEXT_MAX_BYTES, &record);

	if (e == ERR_OK)
		e = secret_key(o, key);
	if (e == ERR_OK)
		e = seal_record(key, &no_id, &secret_place, buf_str(o->reply), record);
	explicit_bzero(key, sizeof(key));
	return e == ERR_OK ? put_file(o, "vault.secret", buf_str(record)) : e;
}

/* With the secret id that an earlier start kept. */
static enum err
log_in_again(struct opening *o)
{
	CLEANUP(buf) struct buf *record = NULL, *secret = NULL;
	uint8_t key[SEAL_KEY_BYTES];
	char path[PATH_BYTES];
	enum err e = buf_new(TEXT_MAX_BYTES, &record);

	root_path(o->conf->dir, o->files, "vault.secret", path);
	if (e == ERR_OK)
		e = buf_new(TEXT_MAX_BYTES, &secret);
	if (e == ERR_OK)
		e = file_read(path, record, NULL);
	if (e == ERR_OK)
		e = secret_key(o, key);
	if (e == ERR_OK)
		e = seal_open(key, &secret_place, buf_str(record), secret);
	explicit_bzero(key, sizeof(key));
	return e == ERR_OK ? log_in(o, buf_str(secret)) : e;
}

/* A log-in that fails behind it has not lost what the token gave: the next start goes on with it.
 */
static enum err
unwrap(struct opening *o)
{
	enum err e = ask_about(o, IPC_VAULT_UNWRAP, str_trim(buf_str(o->secret)));

	if (e == ERR_DENIED)
		(void)err_set(o->reterr, e,
		    "Vault does not take what is in %s: the wrapping token was used before, by this "
		    "start or by a thief, or has ended; have a new one made",
		    o->conf->vault_secret_file);
	if (e == ERR_OK)
		e = keep_secret(o);
	buf_clear(o->secret);
	return e == ERR_OK ? buf_append_str(o->secret, buf_str(o->reply)) : e;
}

static enum err
log_in_first(struct opening *o)
{
	bool is_wrapped = o->conf->vault_secret_is_wrapped != 0;
	enum err e = file_read(o->conf->vault_secret_file, o->secret, o->reterr);

	if (e == ERR_OK && is_wrapped)
		e = unwrap(o);
	if (e == ERR_OK)
		e = log_in(o, str_trim(buf_str(o->secret)));
	return e == ERR_OK && !is_wrapped ? keep_secret(o) : e;
}

/* ---- the halves */

static enum err
read_share(struct opening *o)
{
	char path[PATH_BYTES];
	enum err e;

	root_path(o->conf->dir, o->files, "root.share", path);
	e = file_read(path, o->share, o->reterr);
	if (e == ERR_OK && buf_len(o->share) != SHARE_BYTES)
		e = err_set(o->reterr, ERR_MALFORMED, "%s is damaged", path);
	return e;
}

static enum err
open_half(struct opening *o, struct buf *half)
{
	CLEANUP(buf) struct buf *ciphertext = NULL;
	char path[PATH_BYTES];
	enum err e = buf_new(TEXT_MAX_BYTES, &ciphertext);

	root_path(o->conf->dir, o->files, "root.vault", path);
	if (e == ERR_OK)
		e = file_read(path, ciphertext, o->reterr);
	if (e == ERR_OK)
		e = ask_about(o, IPC_VAULT_OPEN, str_trim(buf_str(ciphertext)));
	if (e == ERR_OK)
		e = buf_append_str(half, buf_str(o->reply));
	return e;
}

static enum err
make_half(struct opening *o, struct buf *half)
{
	uint8_t bytes[HALF_BYTES];
	enum err e = seal_random(bytes, sizeof(bytes));

	if (e == ERR_OK)
		e = buf_append(half, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	if (e == ERR_OK)
		e = ask_about(o, IPC_VAULT_SEAL, buf_str(half));
	return e == ERR_OK ? put_file(o, "root.vault", buf_str(o->reply)) : e;
}

/* A keyring that holds keys already has a half somewhere. */
static enum err
make_first_half(struct opening *o, struct buf *half)
{
	if (exists(o->conf, ROOT_IN_FORCE, "wrapping"))
		return err_set(o->reterr, ERR_NOT_FOUND,
		    "keys/root.vault is lost while the keyring is there: restore the folder keys");
	return make_half(o, half);
}

static enum err
join(const struct opening *o, struct str half, struct secret **ret_root)
{
	CLEANUP(secret) struct secret *root = NULL;
	uint8_t both[SHARE_BYTES + HALF_BYTES];
	enum err e = half.len == HALF_BYTES ? secret_new(ROOT_KEY_BYTES, &root) : ERR_MALFORMED;

	if (e != ERR_OK)
		return e;
	memcpy(both, buf_str(o->share).at, SHARE_BYTES);
	memcpy(both + SHARE_BYTES, half.at, HALF_BYTES);
	e = seal_hkdf((struct str){ (const char *)both, sizeof(both) }, STR(""),
	    STR("rendfly root 1"), secret_bytes(root), ROOT_KEY_BYTES);
	explicit_bzero(both, sizeof(both));
	if (e == ERR_OK)
		*ret_root = TAKE(root);
	return e;
}

static enum err
start_and_log_in(struct opening *o)
{
	enum err e = read_share(o);

	if (e == ERR_OK)
		e = start_helper(o);
	if (e != ERR_OK)
		return e;
	e = log_in_again(o);
	/* None is kept, or Vault takes it no more: there may be a new one. */
	return e == ERR_NOT_FOUND || e == ERR_DENIED ? log_in_first(o) : e;
}

static enum err
open_both(struct opening *o, struct secret **ret_root)
{
	CLEANUP(buf) struct buf *half = NULL;
	enum err e = start_and_log_in(o);

	if (e == ERR_OK)
		e = buf_new(HALF_BYTES, &half);
	if (e == ERR_OK)
		e = exists(o->conf, o->files, "root.vault") ? open_half(o, half)
							    : make_first_half(o, half);
	return e == ERR_OK ? join(o, buf_str(half), ret_root) : e;
}

static void
opening_done(struct opening *o)
{
	buf_free(o->share);
	buf_free(o->secret);
	buf_free(o->reply);
	if (o->fd >= 0)
		(void)close(o->fd);
}

#define CLEANUP_OPENING __attribute__((cleanup(opening_done)))

static enum err
opening_buffers(struct opening *o)
{
	enum err e = buf_new(SHARE_BYTES, &o->share);

	if (e == ERR_OK)
		e = buf_new(TEXT_MAX_BYTES, &o->secret);
	return e == ERR_OK ? buf_new(IPC_MAX_BYTES, &o->reply) : e;
}

static enum err
explain(const struct opening *o, enum err e)
{
	return o->reterr->text[0] != '\0'
	    ? e
	    : err_set(o->reterr, e,
		  "the root key cannot be opened by Vault at %s (%s); the log says at which "
		  "call; nothing is opened without it",
		  o->conf->vault_addr, err_text(e));
}

static enum err
open_root(const struct conf *conf, enum root_files files, struct root_source *ret_source,
    struct err_detail *reterr)
{
	CLEANUP_OPENING struct opening o = {
		.conf = conf, .files = files, .fd = -1, .reterr = reterr
	};
	enum err e = opening_buffers(&o);

	if (e == ERR_OK)
		e = open_both(&o, &ret_source->key);
	if (e != ERR_OK)
		return explain(&o, e);
	ret_source->lease_fd = TAKE_FD(o.fd);
	return ERR_OK;
}

/* Another share and another half, which Vault seals under the newest version of its key. */
static enum err
make_next(const struct conf *conf, struct err_detail *reterr)
{
	CLEANUP_OPENING struct opening o = { .conf = conf, .fd = -1, .reterr = reterr };
	CLEANUP(buf) struct buf *half = NULL;
	enum err e = opening_buffers(&o);

	if (e == ERR_OK)
		e = buf_new(HALF_BYTES, &half);
	if (e == ERR_OK)
		e = start_and_log_in(&o);
	o.files = ROOT_NEXT;
	/* The secret id of the log-in is still in reply. */
	if (e == ERR_OK)
		e = make_share(&o);
	if (e == ERR_OK)
		e = keep_secret(&o);
	if (e == ERR_OK)
		e = make_half(&o, half);
	return e == ERR_OK ? e : explain(&o, e);
}

static const char *const names[] = { "root.share", "root.vault", "vault.secret", NULL };

const struct root_backend ROOT_VAULT = { "vault", init, open_root, make_next, names };
