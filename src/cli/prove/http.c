/* SPDX-License-Identifier: Apache-2.0 */
/* http - see http.h. */
#include "cli/prove/http.h"

#include <curl/curl.h>
#include <limits.h>
#include <unistd.h>

#define HTTP_TIMEOUT_S 15L

static void
close_curl(CURL **at)
{
	curl_easy_cleanup(*at);
}

static void
free_list(struct curl_slist **at)
{
	curl_slist_free_all(*at);
}

static size_t
keep_bytes(char *at, size_t size, size_t count, void *to)
{
	return buf_append(to, at, size * count) == ERR_OK ? size * count : 0;
}

/* One connection serves all requests of a run; prove has one thread and ends after it. */
static CURLSH *
shared_connections(void)
{
	static CURLSH *share;

	if (share == NULL && (share = curl_share_init()) != NULL)
		(void)curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
	return share;
}

static void
set_trust(CURL *curl, const struct conf *conf)
{
	char ca[PATH_MAX];

	(void)snprintf(ca, sizeof(ca), "%s/pki/ca.crt", conf->dir);
	if (access(ca, R_OK) == 0)
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
}

static enum err
fill_request(CURL *curl, const struct http_request *request, struct curl_slist **headers)
{
	for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
		struct curl_slist *more = curl_slist_append(*headers, request->headers[i]);

		if (more == NULL)
			return ERR_NOMEM;
		*headers = more;
	}
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->body != NULL)
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	return ERR_OK;
}

enum err
http_ask(const struct conf *conf, const struct http_request *request,
    struct http_answer *ret_answer, struct err_detail *reterr)
{
	__attribute__((cleanup(close_curl))) CURL *curl = curl_easy_init();
	__attribute__((cleanup(free_list))) struct curl_slist *headers = NULL;
	CLEANUP(buf) struct buf *head = NULL, *body = NULL;
	char url[PATH_MAX], connect_to[600];
	__attribute__((cleanup(free_list))) struct curl_slist *there = NULL;
	CURLcode code;

	if (curl == NULL || buf_new(HTTP_MAX_BYTES, &head) != ERR_OK ||
	    buf_new(HTTP_MAX_BYTES, &body) != ERR_OK)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	(void)snprintf(url, sizeof(url), "%s%s", conf->public_url, request->path);
	(void)snprintf(connect_to, sizeof(connect_to), "::%s:%d", conf->listen_address,
	    (int)conf->listen_port);
	there = curl_slist_append(NULL, connect_to);
	if (there == NULL || fill_request(curl, request, &headers) != ERR_OK)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECT_TO, there);
	(void)curl_easy_setopt(curl, CURLOPT_SHARE, shared_connections());
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, HTTP_TIMEOUT_S);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_bytes);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_bytes);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, head);
	set_trust(curl, conf);
	code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		return err_set(reterr, ERR_IO, "%s %s: %s", request->method, url,
		    curl_easy_strerror(code));
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
	ret_answer->headers = TAKE(head);
	ret_answer->body = TAKE(body);
	return ERR_OK;
}

void
http_answer_done(struct http_answer *answer)
{
	buf_free(answer->headers);
	buf_free(answer->body);
	*answer = (struct http_answer){ 0 };
}

struct str
http_header(const struct http_answer *answer, const char *name)
{
	struct str wanted = str_from(name);
	struct str left = buf_str(answer->headers);

	while (left.len > 0) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at) + 1;
		struct str line = str_slice(left, 0, len);

		left = str_slice(left, len, left.len);
		if (line.len > wanted.len && line.at[wanted.len] == ':' &&
		    str_equals_ignoring_case(str_slice(line, 0, wanted.len), wanted))
			return str_trim(str_slice(line, wanted.len + 1, line.len));
	}
	return (struct str){ "", 0 };
}
