/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault - speaks with Vault or OpenBao for keyd, which has no network.
 *
 * keyd starts it and asks over one channel.  It has a user of its own, a token, and for a moment
 * one half of what the root key is made of; the other half is keyd's, so what is taken over here
 * opens nothing.  It renews its token, and ends when the token does: then keyd ends, too.  When
 * keyd ends first, it revokes the token, so that nobody finds a use for it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "ipc/ipc.h"
#include "sandbox/sandbox.h"
#include "vault/calls.h"

/* keyd waits for an answer a little longer than this. */
#define START_PATIENCE_MS 3500
#define RENEW_PATIENCE_MS 2000
#define LEAST_TURN_MS 100
#define REVOKE_PATIENCE_MS 500

struct helper {
	struct vault *vault;
	struct buf *secret_id;
	struct buf *request, *reply;
	bool is_logged_in;
};

/* The token is good for one use: what it gave is keyd's to keep before anything else is tried. */
static enum err
answer_unwrap(struct helper *h, struct ipc_reader *body)
{
	struct str token;

	if (ipc_get_bytes(body, &token) != ERR_OK || ipc_end(body) != ERR_OK)
		return ERR_MALFORMED;
	return vault_unwrap(h->vault, token, START_PATIENCE_MS, h->reply);
}

static enum err
answer_login(struct helper *h, struct ipc_reader *body)
{
	struct str secret;
	enum err e;

	if (ipc_get_bytes(body, &secret) != ERR_OK || ipc_end(body) != ERR_OK)
		return ERR_MALFORMED;
	buf_clear(h->secret_id);
	e = buf_append_str(h->secret_id, secret);
	if (e == ERR_OK)
		e = vault_log_in(h->vault, buf_str(h->secret_id), START_PATIENCE_MS);
	h->is_logged_in = e == ERR_OK;
	return e == ERR_OK ? buf_append_str(h->reply, buf_str(h->secret_id)) : e;
}

static enum err
answer_seal(struct helper *h, struct ipc_reader *body)
{
	struct str bytes;

	if (ipc_get_bytes(body, &bytes) != ERR_OK || ipc_end(body) != ERR_OK)
		return ERR_MALFORMED;
	return vault_encrypt(h->vault, bytes, START_PATIENCE_MS, h->reply);
}

static enum err
answer_open(struct helper *h, struct ipc_reader *body)
{
	struct str ciphertext;

	if (ipc_get_bytes(body, &ciphertext) != ERR_OK || ipc_end(body) != ERR_OK)
		return ERR_MALFORMED;
	return vault_decrypt(h->vault, ciphertext, START_PATIENCE_MS, h->reply);
}

static enum err
answer(struct helper *h, enum ipc_type type)
{
	struct ipc_reader body = { buf_str(h->request) };

	if (type == IPC_VAULT_LOGIN)
		return answer_login(h, &body);
	if (type == IPC_VAULT_UNWRAP)
		return answer_unwrap(h, &body);
	if (type == IPC_VAULT_SEAL)
		return answer_seal(h, &body);
	return type == IPC_VAULT_OPEN ? answer_open(h, &body) : ERR_MALFORMED;
}

/* An error of the channel ends the helper; one of Vault is the answer. */
static enum err
serve_one(struct helper *h)
{
	struct ipc_head head;
	enum err e = ipc_receive(IPC_FD_KEYD, &head, h->request, NULL);

	if (e != ERR_OK || head.is_reply || !ipc_is_allowed(head.type, ROLE_KEYD, ROLE_VAULT))
		return e == ERR_OK ? ERR_MALFORMED : e;
	buf_clear(h->reply);
	head.error = answer(h, head.type);
	head.is_reply = true;
	if (head.error != ERR_OK) {
		buf_clear(h->reply);
		log_error("vault_refused", LOG_STR("what", vault_last_error(h->vault)),
		    LOG_ERR(head.error));
	}
	e = ipc_send(IPC_FD_KEYD, &head, buf_str(h->reply), -1);
	buf_clear(h->request);
	buf_clear(h->reply);
	return e;
}

/* A token that cannot be renewed any more is asked for anew; ERR_DENIED once it has ended. */
static enum err
keep_token(struct helper *h)
{
	int64_t now_ms = clock_monotonic_ms();
	enum err e;

	if (!h->is_logged_in || now_ms < vault_renew_at_ms(h->vault))
		return ERR_OK;
	e = vault_renew(h->vault, RENEW_PATIENCE_MS);
	if (e == ERR_DENIED)
		e = vault_log_in(h->vault, buf_str(h->secret_id), RENEW_PATIENCE_MS);
	if (e == ERR_OK)
		return ERR_OK;
	log_warn("vault_token_not_renewed", LOG_STR("what", vault_last_error(h->vault)),
	    LOG_ERR(e));
	return e == ERR_DENIED || clock_monotonic_ms() >= vault_lease_end_ms(h->vault) ? ERR_DENIED
										       : ERR_OK;
}

static int
turn_ms(const struct helper *h)
{
	int64_t left = h->is_logged_in ? vault_renew_at_ms(h->vault) - clock_monotonic_ms() : 60000;

	left = left < LEAST_TURN_MS ? LEAST_TURN_MS : left;
	return left > 60000 ? 60000 : (int)left;
}

static enum err
serve(struct helper *h)
{
	for (;;) {
		struct pollfd waiting = { .fd = IPC_FD_KEYD, .events = POLLIN };
		enum err e = ERR_OK;

		if (poll(&waiting, 1, turn_ms(h)) > 0)
			e = serve_one(h);
		if (e == ERR_OK)
			e = keep_token(h);
		if (e != ERR_OK)
			return e;
	}
}

/* keyd has ended.  A Vault that is not there keeps nobody: the token ends by itself. */
static void
give_token_back(struct helper *h)
{
	if (h->is_logged_in && vault_revoke(h->vault, REVOKE_PATIENCE_MS) != ERR_OK)
		log_warn("vault_token_not_revoked", LOG_STR("what", vault_last_error(h->vault)));
}

static void
helper_done(struct helper *h)
{
	vault_free(h->vault);
	buf_free(h->secret_id);
	buf_free(h->request);
	buf_free(h->reply);
}

static enum err
run(const struct conf *conf, struct err_detail *reterr)
{
	static const struct sandbox_path paths[] = { { "/etc", false }, { "/usr/lib", false },
		{ NULL, false } };
	const struct sandbox sandbox = { .role = "vault", .may_connect = true, .paths = paths };
	__attribute__((cleanup(helper_done))) struct helper h = { .vault = NULL };
	enum err e = vault_new(conf, &h.vault, reterr);

	if (e == ERR_OK)
		e = buf_new(VAULT_TEXT_MAX_BYTES, &h.secret_id);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &h.request);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &h.reply);
	if (e == ERR_OK)
		e = sandbox_enter(&sandbox, conf->user_prefix, reterr);
	/* The end of keyd is told by its channel, not by the signal that comes with it. */
	(void)signal(SIGTERM, SIG_IGN);
	if (e == ERR_OK)
		e = serve(&h);
	if (e != ERR_NOT_FOUND)
		return e;
	give_token_back(&h);
	return ERR_OK;
}

int
vault_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct conf conf;
	enum err e;

	log_open("vault");
	if (argc != 3 || strcmp(argv[1], "--dir") != 0) {
		(void)fprintf(stderr, "usage: rendfly vault --dir DIR   (keyd starts it)\n");
		return 2;
	}
	e = conf_load(argv[2], &conf, &detail);
	if (e == ERR_OK)
		e = run(&conf, &detail);
	if (e == ERR_OK)
		return 0;
	log_error("vault_ended", LOG_ERR(e), LOG_STR("cause", detail.text));
	return 1;
}
