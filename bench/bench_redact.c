/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_redact - how fast lib/redact is on conversations and on text that is meant to make it slow,
 * and how fast other engines are on the same text in the same run.
 *
 * usage: bench_redact [ROUNDS]           measures
 *        bench_redact --write FILE BYTES writes that much of the corpus, for tools of others
 */
#include <stdio.h>
#include <unistd.h>

#include "redact/baseline.h"
#include "redact/chat.h"
#include "redact/counted_memory.h"
#include "redact/hostile.h"
#include "redact/redact.h"

#define SEED 20261124
#define CORPUS_BYTES (32u << 20)
#define BASELINE_BYTES (4u << 20)
#define LONG_BYTES (4u << 20)
#define CONVERSATION_BYTES 2400 /* to begin another message below; 3 KB in the end */
#define LONG_CONVERSATION_BYTES 10240
#define HOSTILE_BYTES (64u << 10)
#define MAX_CALLS (64u << 10)
#define MAX_ROUNDS 51
#define WORST_SHOWN 5

struct bench {
	struct redactor *redactor;
	struct redact_findings *findings;
	struct pcre2_baseline *pcre2;
	struct hyperscan_baseline *hyperscan;
	size_t rounds;
};

typedef size_t scan_function(struct bench *b, struct str text);

static double
cpu_seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile(double *values, size_t n, double share)
{
	qsort(values, n, sizeof(*values), by_size);
	return values[(size_t)((double)(n - 1) * share)];
}

static size_t
scan_redact(struct bench *b, struct str text)
{
	return redact_find(b->redactor, text, b->findings) == ERR_OK ? redact_count(b->findings)
								     : 0;
}

static size_t
scan_pcre2(struct bench *b, struct str text)
{
	return pcre2_baseline_scan(b->pcre2, text);
}

static size_t
scan_hyperscan(struct bench *b, struct str text)
{
	return hyperscan_baseline_scan(b->hyperscan, text, false);
}

static size_t
scan_hyperscan_confirmed(struct bench *b, struct str text)
{
	return hyperscan_baseline_scan(b->hyperscan, text, true);
}

/* One line of the table; returns the median. */
static double
measure(struct bench *b, const char *name, scan_function *scan, struct str corpus, size_t rounds)
{
	double speeds[MAX_ROUNDS], median;
	size_t n = 0;

	for (size_t r = 0; r < rounds; r++) {
		struct str rest = corpus, line;
		double began = cpu_seconds();

		n = 0;
		while (chat_corpus_next(&rest, &line))
			n += scan(b, line);
		speeds[r] = (double)corpus.len / 1e6 / (cpu_seconds() - began);
	}
	median = quantile(speeds, rounds, 0.5);
	(void)printf("  %-40s %8.1f median %8.1f best   %8zu found\n", name, median,
	    speeds[rounds - 1], n);
	return median;
}

/* Single calls: every call, and for each text the best of its rounds, which is the scanner without
 * the noise of the machine. */
static enum err
measure_calls(struct bench *b)
{
	static double all[MAX_CALLS], best[MAX_CALLS];
	struct chat_corpus corpus;
	struct str rest, line;
	size_t n_all = 0, n = 0;
	enum err e = chat_corpus_make(SEED + 1, LONG_BYTES, LONG_CONVERSATION_BYTES, &corpus);

	if (e != ERR_OK)
		return e;
	for (size_t r = 0; r < b->rounds; r++) {
		rest = buf_str(corpus.lines);
		for (n = 0; chat_corpus_next(&rest, &line); n++) {
			struct str ten = str_slice(line, 0, LONG_CONVERSATION_BYTES);
			double us, began = cpu_seconds();

			(void)scan_redact(b, line.len < ten.len ? line : ten);
			us = (cpu_seconds() - began) * 1e6;
			us *= (double)LONG_CONVERSATION_BYTES / (double)ten.len;
			best[n] = r == 0 || us < best[n] ? us : best[n];
			if (n_all < MAX_CALLS)
				all[n_all++] = us;
		}
	}
	(void)printf("\none call of 10 KB, us (%zu calls): p50 %.1f  p99 %.1f; best of %zu rounds "
		     "for each text: p50 %.1f  p99 %.1f   bar: p99 <= 60\n",
	    n_all, quantile(all, n_all, 0.5), quantile(all, n_all, 0.99), b->rounds,
	    quantile(best, n, 0.5), quantile(best, n, 0.99));
	chat_corpus_done(&corpus);
	return ERR_OK;
}

static double
best_time(struct bench *b, struct str text, size_t rounds)
{
	double best = 1e9;

	for (size_t r = 0; r < rounds; r++) {
		double began = cpu_seconds(), took;

		(void)scan_redact(b, text);
		took = cpu_seconds() - began;
		best = took < best ? took : best;
	}
	return best;
}

struct ranked {
	double value;
	const char *name;
};

static int
worst_first(const void *a, const void *b)
{
	return by_size(&((const struct ranked *)b)->value, &((const struct ranked *)a)->value);
}

static void
print_worst(const char *title, struct ranked *list, size_t n, const char *bar)
{
	qsort(list, n, sizeof(*list), worst_first);
	(void)printf("\n%s (bar: %s)\n", title, bar);
	for (size_t i = 0; i < n && i < WORST_SHOWN; i++) {
		(void)printf("  %8.2f  ", list[i].value);
		for (const char *c = list[i].name; *c != '\0'; c++)
			(void)fputs(*c == '\n' ? "\\n" : (const char[]){ *c, '\0' }, stdout);
		(void)putchar('\n');
	}
}

static enum err
measure_hostile(struct bench *b)
{
	static struct ranked times[256], ratios[256];
	CLEANUP(buf) struct buf *text = NULL;
	size_t n = hostile_count(), over = 0, steep = 0;
	enum err e = buf_new(8 * HOSTILE_BYTES, &text);

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		double half, whole;

		e = hostile_make(i, HOSTILE_BYTES, text);
		times[i] = (struct ranked){ best_time(b, buf_str(text), 5) * 1e3, hostile_name(i) };
		over += times[i].value > 3;
		if (e == ERR_OK)
			e = hostile_make(i, 2 * HOSTILE_BYTES, text);
		half = best_time(b, buf_str(text), 7);
		if (e == ERR_OK)
			e = hostile_make(i, 4 * HOSTILE_BYTES, text);
		whole = best_time(b, buf_str(text), 7);
		ratios[i] = (struct ranked){ whole / half, hostile_name(i) };
		steep += ratios[i].value > 2.3;
	}
	if (e != ERR_OK)
		return e;
	(void)printf("\n%zu hostile shapes: %zu over 3 ms, %zu more than double (2.3) their time\n",
	    n, over, steep);
	print_worst("64 KB of a hostile shape, ms, the worst:", times, n, "<= 3");
	print_worst("time of 256 KB over time of 128 KB, the worst:", ratios, n, "about 2");
	return ERR_OK;
}

static double
resident_mb(void)
{
	long pages = 0, ignored, page_bytes = sysconf(_SC_PAGESIZE);
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%ld %ld", &ignored, &pages) != 2)
		pages = 0;
	(void)fclose(f);
	return (double)pages * (double)page_bytes / 1e6;
}

/* What a redactor takes: for conversations, then for the largest text that it accepts. */
static enum err
measure_memory(struct bench *b, struct str corpus)
{
	CLEANUP(buf) struct buf *large = NULL;
	struct str rest = corpus, line;
	double before = resident_mb(), small;
	size_t calls;
	enum err e = redactor_new(&b->redactor);

	if (e == ERR_OK)
		e = redact_findings_new(&b->findings);
	if (e != ERR_OK)
		return e;
	while (chat_corpus_next(&rest, &line))
		(void)scan_redact(b, line);
	small = resident_mb() - before;
	calls = counted_memory();
	rest = corpus;
	while (chat_corpus_next(&rest, &line))
		(void)scan_redact(b, line);
	calls = counted_memory() - calls;
	e = buf_new(REDACT_MAX_BYTES + 64, &large);
	for (rest = corpus; e == ERR_OK && chat_corpus_next(&rest, &line) &&
	     buf_len(large) + line.len < REDACT_MAX_BYTES;)
		e = buf_append_str(large, line);
	before = resident_mb() - small;
	(void)scan_redact(b, buf_str(large));
	(void)printf(
	    "\nmemory of a redactor, MB: %.1f after conversations, %.1f after a text of 8 MB  "
	    " bar: 64 a process\n",
	    small, resident_mb() - before);
	(void)printf("allocations in steady state: %zu in a pass over the corpus   bar: 0\n",
	    calls);
	return e;
}

static void
measure_baselines(struct bench *b, struct str corpus, double ours)
{
	const char *why = "";
	double theirs;

	(void)printf("\nother engines, shapes only, no check digits, on the first %.1f MB, MB/s\n",
	    (double)corpus.len / 1e6);
	if ((b->pcre2 = pcre2_baseline_new(false)) == NULL)
		return;
	(void)measure(b, "PCRE2 interpreter, one by one", scan_pcre2, corpus, 1);
	pcre2_baseline_free(b->pcre2);
	if ((b->pcre2 = pcre2_baseline_new(true)) == NULL)
		return;
	theirs = measure(b, "PCRE2 JIT, one by one", scan_pcre2, corpus, 3);
	(void)printf("  %-40s %8.1f times PCRE2 JIT\n", "ours", ours / theirs);
	b->hyperscan = hyperscan_baseline_new(b->pcre2, &why);
	if (b->hyperscan == NULL) {
		(void)printf("  Hyperscan skipped: %s\n", why);
		return;
	}
	(void)measure(b, "Hyperscan, ends of matches only", scan_hyperscan, corpus, 5);
	theirs =
	    measure(b, "Hyperscan, confirmed by PCRE2 JIT", scan_hyperscan_confirmed, corpus, 5);
	(void)printf("  %-40s %8.1f times Hyperscan with confirmation\n", "ours", ours / theirs);
}

/* So many bytes from the front, cut behind a line. */
static struct str
front(struct str corpus, size_t bytes)
{
	struct str rest = corpus, line;

	while (corpus.len - rest.len < bytes && chat_corpus_next(&rest, &line))
		;
	return str_slice(corpus, 0, corpus.len - rest.len);
}

static int
write_corpus(const char *path, size_t bytes)
{
	struct chat_corpus corpus;
	FILE *f = fopen(path, "w");
	int code = 1;

	if (f != NULL && chat_corpus_make(SEED, bytes, CONVERSATION_BYTES, &corpus) == ERR_OK) {
		struct str all = buf_str(corpus.lines);

		code = fwrite(all.at, 1, all.len, f) == all.len ? 0 : 1;
		chat_corpus_done(&corpus);
	}
	if (f != NULL && fclose(f) != 0)
		code = 1;
	return code;
}

static enum err
run(struct bench *b)
{
	struct chat_corpus corpus;
	struct str all;
	double ours;
	enum err e = chat_corpus_make(SEED, CORPUS_BYTES, CONVERSATION_BYTES, &corpus);

	if (e != ERR_OK)
		return e;
	all = buf_str(corpus.lines);
	(void)
	    printf("corpus: %.1f MB, %zu conversations of %zu bytes, one planted item for each %zu "
		   "bytes\n",
		(double)all.len / 1e6, corpus.n_lines, all.len / corpus.n_lines,
		all.len / corpus.n_items);
	e = measure_memory(b, all);
	if (e != ERR_OK)
		return e;
	(void)printf("\nconversation by conversation, MB/s (CPU time of one core)\n");
	ours = measure(b, "lib/redact   bar: >= 300", scan_redact, all, b->rounds);
	measure_baselines(b, front(all, BASELINE_BYTES), ours);
	e = measure_calls(b);
	if (e == ERR_OK)
		e = measure_hostile(b);
	chat_corpus_done(&corpus);
	return e;
}

int
main(int argc, char **argv)
{
	struct bench b = { .rounds = 9 };
	enum err e;

	if (argc == 4 && strcmp(argv[1], "--write") == 0)
		return write_corpus(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 2)
		b.rounds = strtoul(argv[1], NULL, 10);
	if (argc > 2 || b.rounds < 1 || b.rounds > MAX_ROUNDS) {
		(void)fprintf(stderr, "usage: bench_redact [ROUNDS], or --write FILE BYTES\n");
		return 2;
	}
	e = run(&b);
	if (e != ERR_OK)
		(void)fprintf(stderr, "bench_redact: %s\n", err_text(e));
	hyperscan_baseline_free(b.hyperscan);
	pcre2_baseline_free(b.pcre2);
	redact_findings_free(b.findings);
	redactor_free(b.redactor);
	return e == ERR_OK ? 0 : 1;
}
