/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - one worker's connection to the collector: sends closed captures in order, keeps each
 * until its ACK, and after a break connects again and sends all that have none from START.
 */
#pragma once

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <stdbool.h>
#include <sys/un.h>

#include "edge/ngx/capture.h"
#include "edge/ngx/counters.h"

#define EDGE_ACK_BYTES (EDGE_FRAME_HEAD_BYTES + 1)

struct edge_link {
	ngx_log_t *log;
	struct edge_slot *counters;
	struct sockaddr_un address;
	ngx_connection_t *connection; /* NULL: not connected */
	ngx_queue_t waiting;          /* closed captures without an ACK, oldest first */
	struct edge_capture *capture; /* next to send; NULL: all are sent */
	struct edge_block *block;     /* of it; NULL: its first */
	size_t offset;                /* in block */
	uint8_t acks[64 * EDGE_ACK_BYTES];
	size_t acks_len;
	ngx_event_t flush; /* posted: once an event-loop turn, however many captures end in it */
	ngx_event_t retry; /* timer while not connected */
	ngx_event_t hold;  /* timer that keeps an exiting worker until its ACKs came */
	ngx_msec_t retry_after_ms;
	ngx_uint_t holds_while_exiting;
};

ngx_int_t edge_link_init(struct edge_link *l, ngx_log_t *log, ngx_str_t path,
    struct edge_slot *counters);

/* Takes a sealed capture. */
void edge_link_queue(struct edge_link *l, struct edge_capture *c);

/* Before the process ends: sends and collects ACKs for at most this long, counts the rest as
 * dropped, closes. */
void edge_link_finish(struct edge_link *l, int64_t patience_ms);
