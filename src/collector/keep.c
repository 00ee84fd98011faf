/* SPDX-License-Identifier: Apache-2.0 */
/* keep - see keep.h. */
#include "collector/keep.h"

#include "base/clock.h"
#include "base/log.h"
#include "collector/system_message.h"
#include "collector/write.h"

#define ARENA_MAX_BYTES (512u << 20)
#define WORD_MAX_BYTES 256 /* of a model's name and the like */

/* Captures on their way, side by side; those that are decided are left out of the next step. */
struct batch {
	struct keeper *k;
	struct uuid workspace;
	struct arena *arena; /* of what they share */
	size_t n;
	struct kept *kept;
	struct keep_result **results;
	struct policy_in_force policy;
};

static enum err
batch_new(struct batch *b, size_t n)
{
	enum err e = arena_new(ARENA_MAX_BYTES, &b->arena);

	if (e != ERR_OK)
		return e;
	b->kept = arena_alloc_array(b->arena, n, sizeof(*b->kept));
	b->results = arena_alloc_array(b->arena, n, sizeof(struct keep_result *));
	return b->kept == NULL || b->results == NULL ? ERR_NOMEM : ERR_OK;
}

static void
batch_done(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		arena_free(b->kept[i].arena);
	arena_free(b->arena);
}

/* ---- the fate */

static void
refuse(const struct keeper *k, const struct capture *c, enum err e, struct keep_result *result)
{
	char id[UUID_TEXT_BYTES];

	result->fate = FATE_REFUSED;
	result->is_destroyed = e == ERR_GONE;
	uuid_format(&c->id, id);
	log_warn("capture_refused", LOG_STR("capture", id), LOG_ERR(e),
	    LOG_STR("database", store_is_up(k->store) ? store_last_error(k->store) : "away"));
}

static bool
is_lost_channel(enum err e, const struct keeper *k)
{
	return e == ERR_IO && store_is_up(k->store) && store_last_error(k->store)[0] == '\0';
}

/* Nothing can be said about any capture now. */
static bool
is_for_all(enum err e, const struct keeper *k)
{
	return e == ERR_BUSY || is_lost_channel(e, k);
}

static void
take_out(struct batch *b, size_t i)
{
	arena_free(b->kept[i].arena);
	b->n--;
	memmove(&b->kept[i], &b->kept[i + 1], (b->n - i) * sizeof(b->kept[0]));
	memmove(&b->results[i], &b->results[i + 1], (b->n - i) * sizeof(struct keep_result *));
}

static void
decide(struct batch *b, size_t i, enum capture_fate fate)
{
	b->results[i]->fate = fate;
	take_out(b, i);
}

/* A step for each capture: one that fails is refused and keeps no other back. */
static enum err
for_each(struct batch *b, enum err (*step)(struct batch *b, struct kept *t))
{
	for (size_t i = 0; i < b->n;) {
		enum err e = step(b, &b->kept[i]);

		if (is_for_all(e, b->k))
			return e;
		if (e == ERR_OK) {
			i++;
			continue;
		}
		refuse(b->k, b->kept[i].capture, e, b->results[i]);
		take_out(b, i);
	}
	return ERR_OK;
}

/* ---- reading */

static void
read_all(struct batch *b, struct capture *const *captures, size_t n, struct keep_result *results)
{
	for (size_t i = 0; i < n; i++) {
		struct err_detail detail = { "" };
		struct kept *t = &b->kept[b->n];

		*t = (struct kept){ .capture = captures[i] };
		results[i] =
		    (struct keep_result){ .fate = captures[i]->is_unreadable ? FATE_UNPARSED
									     : FATE_REFUSED };
		if (captures[i]->is_unreadable || captures[i]->is_too_large ||
		    arena_new(ARENA_MAX_BYTES, &t->arena) != ERR_OK)
			continue;
		b->results[b->n++] = &results[i];
		if (exchange_read(t->arena, captures[i], &t->exchange, &detail) != ERR_OK)
			decide(b, b->n - 1, FATE_UNPARSED);
	}
}

/* ---- digests leave this process as MACs only */

#define MAX_DIGESTS (EXCHANGE_MAX_CANDIDATES + 3)

static size_t
list_digests(const struct kept *t, struct str *values)
{
	const struct exchange *x = &t->exchange;
	const struct str name = t->capture->head.conversation;
	size_t n = 0;

	for (; n < x->n_candidates; n++)
		values[n] =
		    (struct str){ (const char *)x->digests[x->candidates[n] - 1], DIGEST_BYTES };
	values[n++] = (struct str){ (const char *)x->asked, DIGEST_BYTES };
	values[n++] = (struct str){ (const char *)x->tip, DIGEST_BYTES };
	if (name.len > 0)
		values[n++] = name;
	return n;
}

/* views: of the MACs, in the order of list_digests. */
static size_t
take_macs(struct kept *t, const struct str *views)
{
	size_t n = t->exchange.n_candidates;
	bool has_name = t->capture->head.conversation.len > 0;

	t->points = (struct place_points){ .candidates = views,
		.asked = views[n],
		.tip = views[n + 1],
		.name = has_name ? views[n + 2] : (struct str){ NULL, 0 } };
	return n + 2 + has_name;
}

static enum err
make_macs(struct batch *b)
{
	size_t n = 0, at = 0;
	struct str *values = arena_alloc_array(b->arena, b->n * MAX_DIGESTS, sizeof(*values));
	uint8_t *macs = arena_alloc_array(b->arena, b->n * MAX_DIGESTS, KEYD_MAC_BYTES);
	enum err e;

	if (values == NULL || macs == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < b->n; i++)
		n += list_digests(&b->kept[i], values + n);
	e = keyd_macs(b->k->keys, &b->workspace, KEYD_MAC_CHAIN, values, n, macs);
	for (size_t i = 0; i < n; i++)
		values[i] = (struct str){ (const char *)macs + i * KEYD_MAC_BYTES, KEYD_MAC_BYTES };
	for (size_t i = 0; e == ERR_OK && i < b->n; i++)
		at += take_macs(&b->kept[i], values + at);
	return e;
}

/* ---- placing */

static bool
goes_on_from(const struct kept *t, const struct kept *earlier)
{
	const struct str name = t->points.name, other = earlier->points.name;

	if (name.at != NULL || other.at != NULL)
		return name.at != NULL && other.at != NULL && str_equals(name, other);
	for (size_t i = 0; i < t->exchange.n_candidates; i++)
		if (str_equals(t->points.candidates[i], earlier->points.tip))
			return true;
	return false;
}

/* Where one stands is known when the one before it is stored. */
static void
put_off_followers(struct batch *b)
{
	for (size_t i = 1; i < b->n; i++)
		for (size_t j = 0; j < i; j++)
			if (goes_on_from(&b->kept[i], &b->kept[j])) {
				decide(b, i--, FATE_UNKNOWN);
				break;
			}
}

static enum err
keep_system_message(struct batch *b, struct kept *t)
{
	const struct capture_head *h = &t->capture->head;
	const struct str text = t->exchange.request.conversation.system_message;
	enum err e;

	if (text.len == 0)
		return ERR_OK;
	e = system_message_keep(b->k, t->arena, &h->workspace, &h->project, text,
	    &t->system_message);
	t->has_system_message = e == ERR_OK;
	return e;
}

static enum err
find_places(struct batch *b)
{
	struct place_search searches[KEEP_AT_ONCE];
	struct place places[KEEP_AT_ONCE];
	enum err e;

	for (size_t i = 0; i < b->n; i++) {
		const struct kept *t = &b->kept[i];

		searches[i] = (struct place_search){ t->capture, &t->exchange, &t->points,
			t->has_system_message ? &t->system_message : NULL };
	}
	e = places_find(b->k->store, b->arena, searches, b->n, places);
	if (e != ERR_OK)
		return e;
	for (size_t i = b->n; i > 0; i--) {
		struct kept *t = &b->kept[i - 1];

		t->place = places[i - 1];
		memcpy(b->results[i - 1]->tip, t->points.tip.at, KEEP_TIP_BYTES);
		if (t->place.is_early)
			decide(b, i - 1, FATE_EARLY);
		else if (t->place.is_stored_already)
			decide(b, i - 1, FATE_STORED);
	}
	return ERR_OK;
}

/* ---- what is new, without what must not be stored */

static enum err
take_messages(struct kept *t)
{
	const struct wire_conversation *said = &t->exchange.request.conversation;
	size_t asked = said->n_messages - t->place.first_new;

	t->messages = arena_alloc_array(t->arena, asked + 1, sizeof(*t->messages));
	if (t->messages == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < asked; i++)
		t->messages[i] = said->messages[t->place.first_new + i];
	t->n_messages = asked;
	if (t->exchange.has_answer && t->place.is_answer_new)
		t->messages[t->n_messages++] = t->exchange.response.answer;
	return ERR_OK;
}

/* After redaction: half a placeholder tells nothing. */
static struct str
cut_word(struct str word)
{
	size_t n = WORD_MAX_BYTES;

	if (word.len <= n)
		return word;
	while (n > 0 && ((unsigned char)word.at[n] & 0xc0) == 0x80)
		n--;
	return str_slice(word, 0, n);
}

/* The messages before the new ones stand in the request, as they were said.  A model is named by
 * the agent, and how an answer ended by the provider: either may say anything. */
static enum err
redact(struct batch *b, struct kept *t)
{
	struct wire_response *r = &t->exchange.response;
	struct str *const words[] = { &t->exchange.request.model, &r->model, &r->finish_reason,
		&r->error_type, &r->fingerprint };
	struct redaction_work work = { b->policy.policy, t->exchange.request.conversation.messages,
		t->place.first_new, NULL, 0, words, sizeof(words) / sizeof(words[0]) };
	enum err e = take_messages(t);

	if (e != ERR_OK)
		return e;
	work.messages = t->messages;
	work.n_messages = t->n_messages;
	e = redact_messages(b->k->redaction, t->arena, &b->workspace, &work);
	for (size_t i = 0; i < work.n_words; i++)
		*words[i] = cut_word(*words[i]);
	return e;
}

static enum err
write_batch(struct batch *b)
{
	const struct write_conditions conditions = { b->k->conf->judge_settle_ms,
		b->policy.version };
	struct kept *all[KEEP_AT_ONCE];
	bool is_busy = false;
	enum err e;

	for (size_t i = 0; i < b->n; i++)
		all[i] = &b->kept[i];
	e = write_exchanges(b->k->store, all, b->n, &conditions);
	for (size_t i = 0; e == ERR_OK && i < b->n; i++) {
		is_busy |= !b->kept[i].is_written;
		b->results[i]->fate = FATE_STORED;
	}
	return is_busy ? ERR_BUSY : e;
}

/* ---- the way */

static enum err
keep_batch(struct batch *b)
{
	enum err e = make_macs(b);

	if (e != ERR_OK)
		return e;
	put_off_followers(b);
	e = for_each(b, keep_system_message);
	if (e == ERR_OK && b->n > 0)
		e = find_places(b);
	if (e == ERR_OK && b->n > 0)
		e = policies_find(b->k->policies, b->k->store, &b->workspace, &b->policy);
	if (e == ERR_OK)
		e = for_each(b, redact);
	return e == ERR_OK && b->n > 0 ? write_batch(b) : e;
}

static enum err
keep_together(struct keeper *k, struct capture *const *captures, size_t n,
    struct keep_result *ret_results)
{
	__attribute__((cleanup(batch_done))) struct batch b = { .k = k,
		.workspace = captures[0]->head.workspace };
	enum err e = batch_new(&b, n);

	if (e != ERR_OK)
		return e;
	read_all(&b, captures, n, ret_results);
	return b.n > 0 ? keep_batch(&b) : ERR_OK;
}

static enum err
keep(struct keeper *k, struct capture *const *captures, size_t n, struct keep_result *ret_results)
{
	enum err e = keep_together(k, captures, n, ret_results);

	if (e == ERR_OK || is_for_all(e, k))
		return e;
	if (n == 1) {
		refuse(k, captures[0], e, &ret_results[0]);
		return ERR_OK;
	}
	/* What one of them does to the database keeps no other back. */
	e = ERR_OK;
	for (size_t i = 0; e == ERR_OK && i < n; i++)
		e = keep(k, &captures[i], 1, &ret_results[i]);
	return e;
}

/* ---- what is not kept leaves an event */

/* Without its event no capture is let go: it is tried again, and so is what else failed here. */
static enum err
add_refused(struct keeper *k, const struct refused *refused)
{
	enum err e = refusals_add(k->refusals, k->store, refused, clock_monotonic_ms());

	return e == ERR_OK || is_lost_channel(e, k) ? e : ERR_BUSY;
}

static enum refusal
cause(const struct keep_result *refused)
{
	if (refused->fate == FATE_UNPARSED)
		return REFUSAL_UNPARSED;
	return refused->is_destroyed ? REFUSAL_DESTROYED : REFUSAL_UNFIT;
}

static enum err
add_refusals(struct keeper *k, struct capture *const *captures, size_t n,
    const struct keep_result *results)
{
	struct refused refused = { .workspace = captures[0]->head.workspace };
	bool is_any = false;

	for (size_t i = 0; i < n; i++) {
		if (results[i].fate != FATE_REFUSED && results[i].fate != FATE_UNPARSED)
			continue;
		refused.counts[cause(&results[i])]++;
		refused.capture = captures[i]->id;
		is_any = true;
	}
	return is_any ? add_refused(k, &refused) : ERR_OK;
}

enum err
keep_refuse(struct keeper *k, struct capture *const *captures, size_t n, enum refusal cause)
{
	struct refused refused = { .workspace = captures[0]->head.workspace,
		.capture = captures[0]->id };

	refused.counts[cause] = (uint32_t)n;
	return add_refused(k, &refused);
}

enum err
keep_captures(struct keeper *k, struct capture *const *captures, size_t n,
    struct keep_result *ret_results)
{
	enum err e = keep(k, captures, n, ret_results);

	return e == ERR_OK ? add_refusals(k, captures, n, ret_results) : e;
}
