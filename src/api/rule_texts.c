/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rule_texts.h"

#include "api/api.h"
#include "rules/rules.h"

#define MAX_DEFINITION_BYTES (64u << 10)

static enum err
unseal(struct request *r, const struct uuid *rule, struct str sealed, struct buf *definition)
{
	struct api *api = r->worker->api;
	const struct keyd_place place = {
		.table = "rules",
		.column = "sealed",
		.workspace = r->session.workspace,
		.row = *rule,
	};
	enum err e;

	(void)pthread_mutex_lock(&api->keyd_lock);
	e = keyd_unseal(api->keyd, &place, sealed, "show rules to a member", definition);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	return e;
}

enum err
rule_text_unseal(struct request *r, const struct uuid *rule, struct str sealed,
    struct rule_text *ret_text)
{
	CLEANUP(buf) struct buf *definition = NULL;
	struct rule_cache *cache = r->worker->api->rules;
	struct rule parsed;
	enum err e;

	if (rule_cache_find(cache, rule, sealed, r->arena, ret_text))
		return ERR_OK;
	e = buf_new(MAX_DEFINITION_BYTES, &definition);
	if (e == ERR_OK)
		e = unseal(r, rule, sealed, definition);
	if (e == ERR_OK)
		e = rule_parse(r->arena, buf_str(definition), &parsed, NULL);
	if (e != ERR_OK)
		return e;
	ret_text->name = parsed.name;
	ret_text->description = parsed.description;
	rule_cache_keep(cache, rule, sealed, ret_text);
	return ERR_OK;
}
