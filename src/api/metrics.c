/* SPDX-License-Identifier: Apache-2.0 */
#include "api/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "api/captures.h"
#include "api/ready.h"

#define MAX_PAGE_BYTES (64u << 10)

enum err
metrics_listen(uint16_t port, int *ret_fd, struct err_detail *reterr)
{
	CLEANUP_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 64) != 0)
		return err_set(reterr, ERR_IO,
		    "cannot listen on 127.0.0.1:%u (%s); set metrics_port to a free port", port,
		    strerror(errno));
	*ret_fd = TAKE_FD(fd);
	return ERR_OK;
}

static enum err
write_captures(struct buf *page, const struct captures *c)
{
	enum err e = buf_printf(page,
	    "# HELP rendfly_captures_total What became of the edge's captures.\n"
	    "# TYPE rendfly_captures_total counter\n");

#define CAPTURE_LINE(name)                                                                        \
	if (e == ERR_OK && strcmp(#name, "in_flight") != 0)                                       \
		e = buf_printf(page, "rendfly_captures_total{state=\"" #name "\"} %" PRIu64 "\n", \
		    c->name);
	CAPTURE_COUNTERS(CAPTURE_LINE)
#undef CAPTURE_LINE
	if (e == ERR_OK)
		e = buf_printf(page,
		    "# HELP rendfly_captures_in_flight Captures open or not yet acknowledged.\n"
		    "# TYPE rendfly_captures_in_flight gauge\n"
		    "rendfly_captures_in_flight %" PRIu64 "\n"
		    "# HELP rendfly_captures_balanced Whether nothing is unaccounted for.\n"
		    "# TYPE rendfly_captures_balanced gauge\n"
		    "rendfly_captures_balanced %d\n",
		    c->in_flight, captures_balance(c));
	return e;
}

static enum err
write_requests(struct buf *page, struct api *api)
{
	enum err e = buf_printf(page,
	    "# HELP rendfly_api_requests_total API requests by class of status.\n"
	    "# TYPE rendfly_api_requests_total counter\n");

	for (unsigned int i = 1; i < API_N_STATUS_CLASSES && e == ERR_OK; i++)
		e = buf_printf(page, "rendfly_api_requests_total{status=\"%uxx\"} %" PRIu64 "\n", i,
		    (uint64_t)atomic_load(&api->n_requests[i]));
	if (e == ERR_OK)
		e = buf_printf(page,
		    "# HELP rendfly_api_request_seconds_total Time spent on API requests.\n"
		    "# TYPE rendfly_api_request_seconds_total counter\n"
		    "rendfly_api_request_seconds_total %.6f\n",
		    (double)atomic_load(&api->request_us) / 1e6);
	return e;
}

static enum err
write_metrics(struct worker *w, struct buf *page)
{
	struct captures c;
	enum err e = captures_read(w->api->run_fd, &c);

	if (e == ERR_OK)
		e = write_captures(page, &c);
	if (e == ERR_OK)
		e = write_requests(page, w->api);
	return e;
}

static enum err
write_health(struct worker *w, struct buf *page)
{
	(void)w;
	return buf_append_str(page, STR("ok\n"));
}

static enum err
write_readiness(struct worker *w, struct buf *page)
{
	enum err e = ready_check(w);

	return e != ERR_OK ? e : buf_append_str(page, STR("ok\n"));
}

static const struct {
	const char *path;
	enum err (*write)(struct worker *w, struct buf *page);
} pages[] = {
	{ "/metrics", write_metrics },
	{ "/healthz", write_health },
	{ "/readyz", write_readiness },
};

static unsigned int
write_page(struct worker *w, const char *path, struct buf *page)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].path, path) == 0)
			return pages[i].write(w, page) == ERR_OK ? MHD_HTTP_OK
								 : MHD_HTTP_SERVICE_UNAVAILABLE;
	return MHD_HTTP_NOT_FOUND;
}

/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter): libmicrohttpd's type */
static enum MHD_Result
on_scrape(void *closure, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload_data, size_t *upload_data_size, void **at)
{
	CLEANUP(buf) struct buf *page = NULL;
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned int status;

	(void)version;
	(void)upload_data;
	(void)upload_data_size;
	(void)at;
	if (strcmp(method, "GET") != 0 || buf_new(MAX_PAGE_BYTES, &page) != ERR_OK)
		return MHD_NO;
	status = write_page(closure, url, page);
	response = MHD_create_response_from_buffer(buf_len(page),
	    (void *)(uintptr_t)buf_str(page).at, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(response, "Content-Type",
	    "text/plain; version=0.0.4; charset=utf-8");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* NOLINTEND(readability-function-size,readability-non-const-parameter) */

enum err
metrics_start(struct worker *w, int listen_fd, struct MHD_Daemon **ret_daemon)
{
	*ret_daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_scrape, w,
	    MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT, 16u,
	    MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_END);
	return *ret_daemon == NULL ? ERR_IO : ERR_OK;
}
