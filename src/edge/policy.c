/* SPDX-License-Identifier: Apache-2.0 */
/* policy - finds the inline scripts of the built pages and writes the policy that admits them. */
#include "edge/policy.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/file.h"

/* The one style attribute in the pages: SvelteKit's announcer of their titles. */
#define ANNOUNCER_STYLE \
	"style-src-attr 'unsafe-hashes' 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='; "

#define PAGE_MAX_BYTES ((size_t)4 << 20)
#define HASHES_MAX_BYTES ((size_t)8 << 10)
#define PAGES_MAX 100

static struct str
after(struct str s, const char *at)
{
	return str_slice(s, (size_t)(at - s.at), s.len);
}

static const char *
find(struct str s, struct str what)
{
	return s.len == 0 ? NULL : memmem(s.at, s.len, what.at, what.len);
}

static enum err
add_hash(struct str script, struct buf *out)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char base64[64], source[96];

	(void)SHA256((const unsigned char *)script.at, script.len, digest);
	(void)EVP_EncodeBlock((unsigned char *)base64, digest, sizeof(digest));
	(void)snprintf(source, sizeof(source), " 'sha256-%s'", base64);
	if (str_contains(buf_str(out), str_from(source)))
		return ERR_OK;
	return buf_append_str(out, str_from(source));
}

enum err
edge_policy_add_page(struct str html, struct buf *out)
{
	const char *at;

	while ((at = find(html, STR("<script"))) != NULL) {
		struct str tag = after(html, at), script;
		const char *open_end = find(tag, STR(">"));
		const char *close;
		enum err e;

		if (open_end == NULL)
			return ERR_OK;
		script = after(tag, open_end + 1);
		close = find(script, STR("</script"));
		if (close == NULL)
			return ERR_OK;
		html = after(script, close + 1);
		if (str_contains(str_slice(tag, 0, (size_t)(open_end - tag.at)), STR(" src=")))
			continue;
		e = add_hash(str_slice(script, 0, (size_t)(close - script.at)), out);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
add_file(const char *folder, const char *name, struct buf *out, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *page = NULL;
	char path[PATH_MAX];
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	e = buf_new(PAGE_MAX_BYTES, &page);
	if (e == ERR_OK)
		e = file_read(path, page, reterr);
	if (e == ERR_OK)
		e = edge_policy_add_page(buf_str(page), out);
	return e;
}

static bool
is_page(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".html") == 0;
}

static enum err
add_pages(DIR *open_folder, const char *folder, struct buf *out, struct err_detail *reterr)
{
	const struct dirent *entry;
	unsigned int pages = 0;
	enum err e = ERR_OK;

	while (e == ERR_OK && (entry = readdir(open_folder)) != NULL)
		if (is_page(entry->d_name) && pages++ < PAGES_MAX)
			e = add_file(folder, entry->d_name, out, reterr);
	return e;
}

enum err
edge_policy_write(const char *folder, struct buf *out, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *hashes = NULL;
	DIR *open_folder = opendir(folder);
	enum err e = buf_new(HASHES_MAX_BYTES, &hashes);

	if (e == ERR_OK && open_folder != NULL)
		e = add_pages(open_folder, folder, hashes, reterr);
	if (open_folder != NULL)
		(void)closedir(open_folder);
	if (e != ERR_OK)
		return e;
	return buf_printf(out,
	    "default-src 'none'; script-src 'self'%s; style-src 'self'; %simg-src 'self' data:; "
	    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
	    "form-action 'self'; frame-ancestors 'none'",
	    buf_c_string(hashes), buf_len(hashes) > 0 ? ANNOUNCER_STYLE : "");
}
