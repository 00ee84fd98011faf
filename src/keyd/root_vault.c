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
#define PATH_BYTES (CONF_PATH_BYTES + 64)

static const struct seal_place secret_place = { { "vault", 5 }, { "secret", 6 }, { { 0 } },
	{ { 0 } } };

struct opening {
	const struct conf *conf;
	int fd; /* the helper's channel */
	uint32_t last_id;
	struct buf *share, *secret, *reply;
	struct err_detail *reterr;
};

static void
path_of(const struct conf *conf, const char *name, char path[static PATH_BYTES])
{
	(void)snprintf(path, PATH_BYTES, "%s/keys/%s", conf->dir, name);
}

static bool
exists(const struct conf *conf, const char *name)
{
	char path[PATH_BYTES];
	struct stat s;

	path_of(conf, name, path);
	return lstat(path, &s) == 0;
}

/* ---- making */

static enum err
init(const struct conf *conf, struct err_detail *reterr)
{
	char path[PATH_BYTES];
	uint8_t share[SHARE_BYTES];
	enum err e = root_init_folder(conf->dir, exists(conf, "root.vault"), reterr);

	if (e != ERR_OK || exists(conf, "root.share"))
		return e;
	if (exists(conf, "root.sealed"))
		return err_set(reterr, ERR_CONFLICT,
		    "keys/root.sealed is there: this folder's root key is a file's, not Vault's");
	e = seal_random(share, sizeof(share));
	path_of(conf, "root.share", path);
	if (e == ERR_OK)
		e = file_replace(path, (struct str){ (const char *)share, sizeof(share) }, 0400,
		    reterr);
	explicit_bzero(share, sizeof(share));
	return e;
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
log_in(struct opening *o, struct str secret, bool is_wrapped)
{
	CLEANUP(buf) struct buf *body = NULL;
	enum err e = buf_new(TEXT_MAX_BYTES, &body);

	if (e == ERR_OK)
		e = ipc_put_bytes(body, secret);
	if (e == ERR_OK)
		e = ipc_put_u8(body, is_wrapped);
	return e == ERR_OK ? ask(o, IPC_VAULT_LOGIN, body) : e;
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
	char path[PATH_BYTES];
	enum err e = buf_new(TEXT_MAX_BYTES, &record);

	if (e == ERR_OK)
		e = secret_key(o, key);
	if (e == ERR_OK)
		e = seal_record(key, &no_id, &secret_place, buf_str(o->reply), record);
	explicit_bzero(key, sizeof(key));
	path_of(o->conf, "vault.secret", path);
	return e == ERR_OK ? file_replace(path, buf_str(record), 0400, o->reterr) : e;
}

/* With the secret id that an earlier start kept. */
static enum err
log_in_again(struct opening *o)
{
	CLEANUP(buf) struct buf *record = NULL, *secret = NULL;
	uint8_t key[SEAL_KEY_BYTES];
	char path[PATH_BYTES];
	enum err e = buf_new(TEXT_MAX_BYTES, &record);

	path_of(o->conf, "vault.secret", path);
	if (e == ERR_OK)
		e = buf_new(TEXT_MAX_BYTES, &secret);
	if (e == ERR_OK)
		e = file_read(path, record, NULL);
	if (e == ERR_OK)
		e = secret_key(o, key);
	if (e == ERR_OK)
		e = seal_open(key, &secret_place, buf_str(record), secret);
	explicit_bzero(key, sizeof(key));
	return e == ERR_OK ? log_in(o, buf_str(secret), false) : e;
}

static enum err
log_in_first(struct opening *o)
{
	bool is_wrapped = o->conf->vault_secret_is_wrapped != 0;
	enum err e = file_read(o->conf->vault_secret_file, o->secret, o->reterr);

	if (e != ERR_OK)
		return e;
	e = log_in(o, str_trim(buf_str(o->secret)), is_wrapped);
	if (e == ERR_DENIED && is_wrapped)
		(void)err_set(o->reterr, e,
		    "Vault does not take what is in %s: the wrapping token was used before, by this "
		    "start or by a thief, or has ended; have a new one made",
		    o->conf->vault_secret_file);
	return e == ERR_OK ? keep_secret(o) : e;
}

/* ---- the halves */

static enum err
read_share(struct opening *o)
{
	char path[PATH_BYTES];
	enum err e;

	path_of(o->conf, "root.share", path);
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

	path_of(o->conf, "root.vault", path);
	if (e == ERR_OK)
		e = file_read(path, ciphertext, o->reterr);
	if (e == ERR_OK)
		e = ask_about(o, IPC_VAULT_OPEN, str_trim(buf_str(ciphertext)));
	if (e == ERR_OK)
		e = buf_append_str(half, buf_str(o->reply));
	return e;
}

/* The first start: a keyring that holds keys already has a half somewhere. */
static enum err
make_half(struct opening *o, struct buf *half)
{
	uint8_t bytes[HALF_BYTES];
	char path[PATH_BYTES];
	enum err e;

	if (exists(o->conf, "wrapping"))
		return err_set(o->reterr, ERR_NOT_FOUND,
		    "keys/root.vault is lost while the keyring is there: restore the folder keys");
	e = seal_random(bytes, sizeof(bytes));
	if (e == ERR_OK)
		e = buf_append(half, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	if (e == ERR_OK)
		e = ask_about(o, IPC_VAULT_SEAL, buf_str(half));
	path_of(o->conf, "root.vault", path);
	return e == ERR_OK ? file_replace(path, buf_str(o->reply), 0400, o->reterr) : e;
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
open_both(struct opening *o, struct secret **ret_root)
{
	CLEANUP(buf) struct buf *half = NULL;
	enum err e = read_share(o);

	if (e == ERR_OK)
		e = buf_new(HALF_BYTES, &half);
	if (e == ERR_OK)
		e = start_helper(o);
	if (e != ERR_OK)
		return e;
	e = log_in_again(o);
	/* None is kept, or Vault takes it no more: there may be a new one. */
	if (e == ERR_NOT_FOUND || e == ERR_DENIED)
		e = log_in_first(o);
	if (e == ERR_OK)
		e = exists(o->conf, "root.vault") ? open_half(o, half) : make_half(o, half);
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

static enum err
open_root(const struct conf *conf, struct root_source *ret_source, struct err_detail *reterr)
{
	__attribute__((cleanup(opening_done))) struct opening o = {
		.conf = conf, .fd = -1, .reterr = reterr
	};
	enum err e = buf_new(SHARE_BYTES, &o.share);

	if (e == ERR_OK)
		e = buf_new(TEXT_MAX_BYTES, &o.secret);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &o.reply);
	if (e == ERR_OK)
		e = open_both(&o, &ret_source->key);
	if (e != ERR_OK)
		return reterr->text[0] != '\0'
		    ? e
		    : err_set(reterr, e,
			  "the root key cannot be opened by Vault at %s (%s); the log says at which "
			  "call; nothing is opened without it",
			  conf->vault_addr, err_text(e));
	ret_source->lease_fd = TAKE_FD(o.fd);
	return ERR_OK;
}

const struct root_backend ROOT_VAULT = { "vault", init, open_root };
