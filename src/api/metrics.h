/* SPDX-License-Identifier: Apache-2.0 */
/* metrics - /metrics in Prometheus' text format, /healthz and /readyz, on a loopback port. */
#pragma once

#include "api/api.h"

/* Binds 127.0.0.1:port; before the sandbox is entered. */
MUST_CHECK enum err metrics_listen(uint16_t port, int *ret_fd, struct err_detail *reterr);

MUST_CHECK enum err metrics_start(struct worker *w, int listen_fd, struct MHD_Daemon **ret_daemon);
