/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyd - the only process that holds keys.
 *
 * It has no network and no database, opens no file after its start, and answers typed requests on
 * channels that the supervisor gives it; the supervisor says whose a channel is, a peer cannot.  A
 * request that is malformed or not the peer's to make ends that channel.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/log.h"
#include "cli/commands.h"
#include "keyd/requests.h"
#include "keyd/rotation.h"
#include "keyd/sandbox.h"
#include "seal/seal.h"

/* The supervisor's channel is at ROLE_SUPERVISOR, a peer's at its role; -1 where there is none. */
struct channels {
	struct pollfd by_role[IPC_N_ROLES];
	struct buf *request;
	struct buf *reply;
};

static void
end_channel(struct channels *c, enum ipc_role role)
{
	if (c->by_role[role].fd >= 0) {
		(void)shutdown(c->by_role[role].fd, SHUT_RDWR);
		(void)close(c->by_role[role].fd);
	}
	c->by_role[role].fd = -1;
}

/* A new channel of a role takes the place of the old one. */
static enum err
accept_peer(struct channels *c, const struct ipc_head *head, int fd)
{
	struct ipc_reader body = { buf_str(c->request) };
	uint8_t role;

	if (head->type != IPC_KEYD_PEER || head->is_reply || fd < 0 ||
	    ipc_get_u8(&body, &role) != ERR_OK || ipc_end(&body) != ERR_OK || role >= IPC_N_ROLES ||
	    role == ROLE_SUPERVISOR || role == ROLE_KEYD || role == ROLE_VAULT)
		return ERR_MALFORMED;
	end_channel(c, (enum ipc_role)role);
	/* What poll saw was the old channel; to receive from the new one now would wait. */
	c->by_role[role] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return ERR_OK;
}

static enum err
serve_supervisor(struct channels *c)
{
	struct ipc_head head;
	int fd = -1;
	enum err e = ipc_receive(c->by_role[ROLE_SUPERVISOR].fd, &head, c->request, &fd);

	if (e == ERR_OK)
		e = accept_peer(c, &head, fd);
	if (e != ERR_OK && fd >= 0)
		(void)close(fd);
	return e;
}

static void
serve_peer(struct keyd *k, struct channels *c, enum ipc_role role)
{
	struct ipc_head head = { .type = IPC_KEYD_PEER };
	enum err e = ipc_receive(c->by_role[role].fd, &head, c->request, NULL);

	if (e == ERR_OK && head.is_reply)
		e = ERR_MALFORMED;
	if (e == ERR_OK) {
		buf_clear(c->reply);
		e = keyd_handle(k, role, head.type, buf_str(c->request), c->reply);
		if (e != ERR_MALFORMED) {
			head.is_reply = true;
			head.error = e;
			if (e != ERR_OK)
				buf_clear(c->reply);
			e = ipc_send(c->by_role[role].fd, &head, buf_str(c->reply), -1);
		}
	}
	buf_clear(c->request);
	buf_clear(c->reply);
	/* Busy: it asks faster than it reads.  Nobody else waits for it; it will ask again. */
	if (e == ERR_OK || e == ERR_BUSY)
		return;
	if (e != ERR_NOT_FOUND)
		log_error("peer_ended", LOG_STR("role", ipc_role_name(role)), LOG_ERR(e),
		    LOG_STR("message", ipc_type_name(head.type)));
	end_channel(c, role);
}

/* Ends with ERR_NOT_FOUND when the supervisor is gone or wants another start, with ERR_DENIED when
 * the root key's lease has ended. */
static enum err
serve(struct keyd *k, struct channels *c)
{
	while (!k->is_ending) {
		if (poll(c->by_role, IPC_N_ROLES, -1) < 0) {
			if (errno != EINTR)
				return ERR_IO;
			continue;
		}
		for (int role = 0; role < IPC_N_ROLES; role++) {
			enum err e;

			if (c->by_role[role].fd < 0 || c->by_role[role].revents == 0)
				continue;
			/* It says nothing by itself: it has ended, and the right to the keys too.
			 */
			if (role == ROLE_VAULT)
				return ERR_DENIED;
			if (role != ROLE_SUPERVISOR) {
				serve_peer(k, c, (enum ipc_role)role);
				continue;
			}
			e = serve_supervisor(c);
			if (e != ERR_OK)
				return e;
		}
	}
	return ERR_NOT_FOUND;
}

/* Every secret page is locked memory; the limit is raised while there is the right to. */
static void
raise_memory_limit(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	(void)setrlimit(RLIMIT_MEMLOCK, &limit);
}

/* What nobody has to set: it only keeps a peer from taking all of keyd's time. */
#define DIGESTS_A_MINUTE 6000000
#define REWRAPS_A_MINUTE 600000

static enum err
make_budget(const struct conf *conf, struct keyd *k)
{
	const int64_t a_minute[BUDGET_N_KINDS] = { [BUDGET_UNSEAL] = conf->keyd_unseals_per_minute,
		[BUDGET_SEAL] = conf->keyd_seals_per_minute,
		[BUDGET_PSEUDONYM] = conf->keyd_pseudonyms_per_minute,
		[BUDGET_DIGEST] = DIGESTS_A_MINUTE,
		[BUDGET_REWRAP] = REWRAPS_A_MINUTE };

	return budget_new(a_minute, &k->budget);
}

static enum err
load_keys(const struct conf *conf, struct keyd *k, struct root_source *root,
    struct err_detail *reterr)
{
	const struct root_backend *backend = NULL;
	enum err e = seal_self_test();

	if (e != ERR_OK)
		return err_set(reterr, e,
		    "the cryptographic self-test failed: do not use this build or its OpenSSL");
	e = root_backend_find(conf, &backend, reterr);
	if (e == ERR_OK)
		e = rotation_open(conf, backend, root, reterr);
	if (e == ERR_OK)
		e = keyring_open(conf->dir, root->key, &k->keyring, reterr);
	if (e == ERR_OK)
		e = keyring_is_rerooted(k->keyring)
		    ? globals_open(conf->dir, ROOT_IN_FORCE, root->key, &k->globals, reterr)
		    : globals_derive(root->key, &k->globals);
	if (e == ERR_OK)
		e = keyd_open_audit(k, conf->dir, reterr);
	if (e == ERR_OK)
		e = keyd_open_tokens(k, conf->dir, root->key, reterr);
	return e == ERR_OK ? make_budget(conf, k) : e;
}

static void
keyd_done(struct keyd *k)
{
	keyring_free(k->keyring);
	secret_free(k->globals);
	budget_free(k->budget);
	audit_signer_free(k->audit);
	token_keys_free(k->tokens);
}

static enum err
run(const struct conf *conf, struct err_detail *reterr)
{
	__attribute__((cleanup(keyd_done))) struct keyd k = { 0 };
	__attribute__((cleanup(root_source_done))) struct root_source root = { NULL, -1 };
	CLEANUP(buf) struct buf *request = NULL, *reply = NULL;
	const char *memory_kind = secret_memory_kind();
	struct channels c;
	enum err e;

	raise_memory_limit();
	e = load_keys(conf, &k, &root, reterr);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &request);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &reply);
	if (e == ERR_OK)
		e = sandbox_enter(&KEYD_SANDBOX, conf->user_prefix, reterr);
	if (e != ERR_OK)
		return e;
	c.request = request;
	c.reply = reply;
	for (int role = 0; role < IPC_N_ROLES; role++)
		c.by_role[role] = (struct pollfd){ .fd = -1, .events = POLLIN };
	c.by_role[ROLE_SUPERVISOR].fd = IPC_FD_KEYD;
	c.by_role[ROLE_VAULT].fd = root.lease_fd;
	log_info("keyd_ready", LOG_INT("keys", (int64_t)keyring_count(k.keyring)),
	    LOG_STR("memory", memory_kind));
	e = serve(&k, &c);
	if (e == ERR_DENIED)
		return err_set(reterr, e,
		    "Vault takes our token no more: no key is used without it");
	return e == ERR_NOT_FOUND ? ERR_OK
				  : err_set(reterr, e, "the supervisor's channel: %s", err_text(e));
}

int
keyd_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct conf conf;
	enum err e;

	log_open("keyd");
	if (argc != 3 || strcmp(argv[1], "--dir") != 0) {
		(void)fprintf(stderr,
		    "usage: rendfly keyd --dir DIR   (the supervisor starts it)\n");
		return 2;
	}
	e = conf_load(argv[2], &conf, &detail);
	if (e == ERR_OK)
		e = run(&conf, &detail);
	if (e == ERR_OK)
		return 0;
	log_error("keyd_failed",
	    LOG_STR("cause", detail.text[0] != '\0' ? detail.text : err_text(e)));
	return 1;
}
