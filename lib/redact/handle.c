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
#define BEST_EFFORT 680

static size_t
handle_end(const struct scan *s, size_t at)
{
	size_t i = at, n_letters = 0;

	while (i < s->len && i - at < MAX_HANDLE &&
	    (is_alnum(s->text[i]) || s->text[i] == '_' || s->text[i] == '.' || s->text[i] == '-' ||
		s->text[i] == '%'))
		n_letters += is_letter(s->text[i++]);
	while (i > at && (s->text[i - 1] == '.' || s->text[i - 1] == '-'))
		i--;
	return n_letters > 0 && i - at >= MIN_HANDLE && i - at < MAX_HANDLE ? i : 0;
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

	/* "[USERNAME:k7f3qa]@…": what a placeholder says is no phrase. */
	if (floor < s->block_resume)
		floor = s->block_resume;
	for (size_t i = at; i-- > floor && s->text[i] != LAYER_BREAK;) {
		if (!is_letter(s->text[i]) || (i > 0 && lexicon_is_letter(s->text[i - 1])) ||
		    !cue_may_begin(s->text + i))
			continue;
		if (cue_read(s, i, LEXICON_ROLE(CUE_SOCIAL) | LEXICON_ROLE(CUE_USER), &cue))
			return true;
	}
	return false;
}

/* "@jon_lys on Twitter" */
static bool
has_social_behind(const struct scan *s, size_t end)
{
	static const char *const words[] = { " on ", " no ", " en ", " auf ", " sur ", " su ",
		" op ", " bei " };
	struct cue cue;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (strncasecmp((const char *)s->text + end, words[i], n) == 0)
			return cue_read(s, end + n, LEXICON_ROLE(CUE_SOCIAL), &cue);
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
	if (end == 0 || s->text[end] == '/' || s->text[end] == '(' ||
	    (!has_social_before(s, at) && !has_social_behind(s, end)))
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
		"advisories", "site", "tos", "joinchat", "addstickers", "addemoji", "share",
		"video", "videos", "tag", "oauth", "dialog", "plugins", "policies", "developers",
		"business", "support", "directory", "games", "help-center", "embed", "tv" };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strlen(pages[i]) == len && strncasecmp((const char *)at, pages[i], len) == 0)
			return true;
	return false;
}

/* The folders of everybody, and of no person in particular. */
static bool
is_common_folder(const uint8_t *at, size_t len)
{
	static const char *const names[] = { "user", "users", "username", "ubuntu", "root",
		"runner", "vagrant", "ec2-user", "pi", "node", "app", "admin", "git", "jenkins",
		"circleci", "travis", "me", "you", "name", "shared", "public", "default", "build",
		"builder", "linuxbrew", "vscode", "coder", "jovyan", "docker", "www", "deploy",
		"developer", "postgres", "work", "dev", "test", "all", "guest", "public", "mysql",
		"index", "page", "pages", "home", "dashboard", "settings", "profile", "products",
		"about", "login", "search", "help", "news", "blog", "api", "static", "assets",
		"main", "nobody", "someone", "youruser", "yourname", "myuser", "debian", "core",
		"opc", "azureuser", "oracle", "steam", "container", "sandbox", "project",
		"projects", "data", "local", "site", "web", "src", "lib", "bin", "config",
		"username", "utilisateur", "usuario", "benutzer", "utente", "gebruiker" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && strncasecmp((const char *)at, names[i], len) == 0)
			return true;
	return false;
}

/* "/home/wbrown/projects", "/Users/wbrown", "C:\\Users\\wbrown\\Documents" */
bool
match_home(struct scan *s, const struct cue *cue)
{
	uint8_t sign = s->text[cue->end], before = cue->start > 1 ? s->text[cue->start - 2] : ' ';
	bool is_users = lower(s->text[cue->start]) == 'u';
	size_t at = cue->end + 1, end;

	if (cue->start == 0 || s->text[cue->start - 1] != sign || (sign != '/' && sign != '\\') ||
	    is_alnum(before) || before == ']' || before == '.' || before == '-' || before == '_' ||
	    (is_users && s->text[cue->start] != 'U') || (!is_users && s->text[cue->start] != 'h'))
		return false;
	at += s->text[at] == '\\';
	end = handle_end(s, at);
	if (end == 0 || !is_letter(s->text[at]) || is_common_folder(s->text + at, end - at) ||
	    (s->text[end] != sign && !is_users))
		return false;
	add_user(s, at, end, BEST_EFFORT);
	s->cue_resume = end;
	return true;
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
		/* A second part of the path is a repository there. */
		if (end == 0 || is_page(s->text + at, end - at) ||
		    (lower(s->text[cue->start]) == 'g' && s->text[end] == '/' &&
			is_alnum(s->text[end + 1])))
			continue;
		add_user(s, at, end, LIKELY);
		s->cue_resume = end;
		return true;
	}
	return false;
}
