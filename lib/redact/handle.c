/* SPDX-License-Identifier: Apache-2.0 */
/* handle - "@name" near the name of a site, and addresses of profiles. */
#include <strings.h>

#include "redact/layer.h"
#include "redact/value.h"

#define MAX_HANDLE 40
#define MIN_HANDLE 2
#define MAX_BACK 40
#define MAX_CUES 8
#define LIKELY 850
#define BY_CONTEXT 760

static size_t
handle_end(const struct scan *s, size_t at)
{
	size_t i = at;

	while (i < s->len && i - at < MAX_HANDLE &&
	    (is_alnum(s->text[i]) || s->text[i] == '_' || s->text[i] == '.' || s->text[i] == '-' ||
		s->text[i] == '%'))
		i++;
	while (i > at && (s->text[i - 1] == '.' || s->text[i - 1] == '-'))
		i--;
	return i - at >= MIN_HANDLE && i - at < MAX_HANDLE ? i : 0;
}

static void
add_user(struct scan *s, size_t start, size_t end, uint16_t score)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_USERNAME,
		.score = score,
		.how = CANONICAL_LOWER,
	    });
}

/* Whether a phrase that a handle belongs to begins in the bytes before. */
static bool
has_social_before(const struct scan *s, size_t at)
{
	size_t floor = at > MAX_BACK ? at - MAX_BACK : 0;
	struct cue cue;

	for (size_t i = at; i > floor && s->text[i - 1] != LAYER_BREAK; i--) {
		if (!is_letter(s->text[i]) || lexicon_is_letter(s->text[i - 1]) ||
		    !cue_may_begin(s->text + i))
			continue;
		if (cue_read(s, i, LEXICON_ROLE(CUE_SOCIAL) | LEXICON_ROLE(CUE_USER), &cue))
			return true;
	}
	return false;
}

void
match_handle(struct scan *s, size_t at)
{
	size_t end;

	if (at == 0 || is_alnum(s->text[at - 1]) || s->text[at - 1] >= 0x80 ||
	    s->text[at - 1] == '.' || s->text[at - 1] == '/' || s->text[at - 1] == '-')
		return;
	end = handle_end(s, at + 1);
	if (end == 0 || s->text[end] == '/' || s->text[end] == '(' || !has_social_before(s, at))
		return;
	add_user(s, at, end, BY_CONTEXT);
}

/* What stands behind the site's name before the name of a person. */
static const struct {
	const char *site;
	const char *path;
} profiles[] = {
	{ "linkedin", ".com/in/" },
	{ "linkedin", ".com/pub/" },
	{ "github", ".com/" },
	{ "gitlab", ".com/" },
	{ "instagram", ".com/" },
	{ "facebook", ".com/" },
	{ "fb", ".com/" },
	{ "twitter", ".com/" },
	{ "x", ".com/" },
	{ "t", ".me/" },
	{ "tiktok", ".com/@" },
	{ "youtube", ".com/@" },
	{ "medium", ".com/@" },
	{ "threads", ".net/@" },
	{ "reddit", ".com/u/" },
	{ "reddit", ".com/user/" },
	{ "twitch", ".tv/" },
	{ "pinterest", ".com/" },
	{ "snapchat", ".com/add/" },
	{ "medium", ".com/@" },
	{ "wa", ".me/" },
};

/* Pages of the sites themselves. */
static bool
is_page(const uint8_t *at, size_t len)
{
	static const char *const pages[] = { "about", "login", "signup", "join", "features",
		"pricing", "explore", "settings", "search", "home", "share", "sharer", "intent",
		"hashtag", "topics", "orgs", "marketplace", "sponsors", "help", "privacy", "terms",
		"legal", "watch", "groups", "pages", "events", "p", "reel", "reels", "stories", "i",
		"apps", "security", "blog", "contact", "docs", "issues", "notifications", "company",
		"jobs", "sharer.php", "share.php", "security-advisories", "enterprise",
		"advisories", "site", "tos" };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strlen(pages[i]) == len && strncasecmp((const char *)at, pages[i], len) == 0)
			return true;
	return false;
}

bool
match_profile(struct scan *s, const struct cue *cue)
{
	size_t len = cue->end - cue->start;

	/* All paths begin with one. */
	if (s->text[cue->end] != '.')
		return false;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		size_t n = strlen(profiles[i].path), at = cue->end + n, end;

		if (strlen(profiles[i].site) != len ||
		    strncasecmp((const char *)s->text + cue->start, profiles[i].site, len) != 0 ||
		    s->len - cue->end <= n ||
		    strncasecmp((const char *)s->text + cue->end, profiles[i].path, n) != 0)
			continue;
		end = handle_end(s, at);
		/* A second part of the path is a repository, a post or a page. */
		if (end == 0 || is_page(s->text + at, end - at) ||
		    (s->text[end] == '/' && is_alnum(s->text[end + 1])))
			continue;
		add_user(s, at, end, LIKELY);
		s->cue_resume = end;
		return true;
	}
	return false;
}
