/* SPDX-License-Identifier: Apache-2.0 */
/* The client of the judging model against a sample judge over TLS that also misbehaves. */
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/clock.h"
#include "judge/model_budget.h"
#include "judge/model_call.h"

#define TIMEOUT_MS 20000

extern char **environ;

static const char MESSAGES[] =
    "[{\"role\":\"system\",\"content\":\"marker canary-0123456789abcdef\"},"
    "{\"role\":\"user\",\"content\":\"<rules encoding=json>\\n[\\n{\\\"id\\\":\\\"r1\\\"}\\n]\\n</rules>\\n"
    "<conversation id=00 encoding=json>\\n[{\\\"message\\\":0,\\\"role\\\":\\\"user\\\","
    "\\\"content\\\":\\\"hello\\\"}]\\n</conversation id=00>\\n"
    "{\\\"nonce\\\":\\\"00112233445566778899aabbccddeeff\\\"}\"}]";

struct judge {
	char folder[64];
	pid_t pid;
	int input; /* closing it ends the judge */
	json_int_t good, tls12, wrong_name;
};

struct result {
	bool is_done;
	enum model_outcome outcome;
	char answer[512];
	int tries;
};

static int
start_judge(void **state)
{
	static struct judge j = { .folder = "/tmp/rendfly-judge-XXXXXX" };
	char *argv[] = { (char[]){ "python3" }, (char[]){ "tests/integration/sample_judge.py" },
		j.folder, NULL };
	posix_spawn_file_actions_t actions;
	int to[2], from[2];
	char line[512];
	json_t *ports;
	FILE *output;

	if (mkdtemp(j.folder) == NULL || pipe(to) != 0 || pipe(from) != 0)
		return -1;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	(void)posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	(void)posix_spawn_file_actions_addclose(&actions, to[1]);
	if (posix_spawnp(&j.pid, argv[0], &actions, NULL, argv, environ) != 0)
		return -1;
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(to[0]);
	(void)close(from[1]);
	j.input = to[1];
	output = fdopen(from[0], "r");
	if (output == NULL || fgets(line, sizeof(line), output) == NULL)
		return -1;
	ports = json_loads(line, 0, NULL);
	j.good = json_integer_value(json_object_get(ports, "good"));
	j.tls12 = json_integer_value(json_object_get(ports, "tls12"));
	j.wrong_name = json_integer_value(json_object_get(ports, "wrong_name"));
	json_decref(ports);
	(void)fclose(output);
	*state = &j;
	return j.good > 0 ? 0 : -1;
}

static int
stop_judge(void **state)
{
	struct judge *j = *state;
	char *argv[] = { (char[]){ "rm" }, (char[]){ "-r" }, j == NULL ? NULL : j->folder, NULL };
	pid_t pid;

	if (j == NULL)
		return 0;
	(void)close(j->input);
	(void)waitpid(j->pid, NULL, 0);
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, NULL, 0);
	return 0;
}

static void
keep_result(void *context, enum model_outcome outcome, struct str answer, int tries)
{
	struct result *r = context;

	assert_false(r->is_done);
	r->is_done = true;
	r->outcome = outcome;
	r->tries = tries;
	(void)snprintf(r->answer, sizeof(r->answer), "%.*s", (int)answer.len, answer.at);
}

static struct model_client *
client_of(const struct judge *j, const char *model, json_int_t port, const char *ca)
{
	char url[64], ca_file[128];
	struct err_detail detail = { "" };
	struct model_client *m = NULL;
	struct model_conf conf = { .base_url = url,
		.model = model,
		.ca_file = ca_file,
		.timeout_ms = TIMEOUT_MS,
		.backoff_ms = 2,
		.max_parallel = 4 };

	(void)snprintf(url, sizeof(url), "https://localhost:%lld/v1/", (long long)port);
	(void)snprintf(ca_file, sizeof(ca_file), "%s/%s", j->folder, ca);
	if (strcmp(model, "never") == 0)
		conf.timeout_ms = 300;
	if (model_client_new(&conf, &m, &detail) != ERR_OK)
		fail_msg("%s", detail.text);
	return m;
}

static struct result
run_one(struct model_client *m, model_may_try *may_try)
{
	struct result r = { 0 };

	assert_int_equal(model_call_start(m, str_from(MESSAGES), may_try, keep_result, &r), ERR_OK);
	while (!r.is_done)
		assert_int_equal(model_client_step(m, 1000), ERR_OK);
	assert_int_equal(model_calls_running(m), 0);
	return r;
}

static struct result
ask(const struct judge *j, const char *model)
{
	CLEANUP(model_client) struct model_client *m = client_of(j, model, j->good, "ca.crt");

	return run_one(m, NULL);
}

static void
an_answer_comes_through_unchanged(void **state)
{
	struct result r = ask(*state, "good");

	assert_int_equal(r.outcome, MODEL_ANSWERED);
	assert_int_equal(r.tries, 1);
	assert_non_null(strstr(r.answer, "00112233445566778899aabbccddeeff"));
}

static void
whatever_is_no_whole_completion_is_malformed(void **state)
{
	static const char *const models[] = { "toolcall", "length", "empty", "notchat", "huge" };

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		struct result r = ask(*state, models[i]);

		if (r.outcome != MODEL_MALFORMED || r.tries != 1 || r.answer[0] != '\0')
			fail_msg("%s: outcome %d after %d tries", models[i], (int)r.outcome,
			    r.tries);
	}
}

static void
only_passing_troubles_are_tried_again(void **state)
{
	static const struct {
		const char *model;
		enum model_outcome outcome;
		int tries;
	} cases[] = {
		{ "limited", MODEL_ANSWERED, 3 },
		{ "cutonce", MODEL_ANSWERED, 2 },
		{ "limitedalways", MODEL_LIMITED, MODEL_MAX_TRIES },
		{ "failing", MODEL_FAILED, MODEL_MAX_TRIES },
		{ "cut", MODEL_UNREACHABLE, MODEL_MAX_TRIES },
		{ "refusing", MODEL_REFUSED, 1 },
		{ "redirect", MODEL_REFUSED, 1 },
		/* Retry-After past the time-out: waiting would be in vain. */
		{ "limitedlong", MODEL_LIMITED, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r = ask(*state, cases[i].model);

		if (r.outcome != cases[i].outcome || r.tries != cases[i].tries)
			fail_msg("%s: outcome %d after %d tries", cases[i].model, (int)r.outcome,
			    r.tries);
	}
}

static void
a_silent_model_times_out(void **state)
{
	struct result r = ask(*state, "never");

	assert_int_equal(r.outcome, MODEL_TIMED_OUT);
	assert_string_equal(r.answer, "");
}

static void
bad_peers_get_no_request(void **state)
{
	const struct judge *j = *state;

	const struct {
		json_int_t port;
		const char *ca;
	} peers[] = { { j->tls12, "ca.crt" }, { j->wrong_name, "ca.crt" },
		{ j->good, "other-ca.crt" } };
	struct result r;

	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		CLEANUP(model_client)
		struct model_client *m = client_of(j, "good:untrusted", peers[i].port, peers[i].ca);

		r = run_one(m, NULL);
		assert_int_equal(r.outcome, MODEL_UNTRUSTED);
	}
	r = ask(j, "counted");
	assert_int_equal(r.outcome, MODEL_ANSWERED);
	assert_null(strstr(r.answer, "good:untrusted"));
}

static void
many_calls_run_at_once_up_to_the_limit(void **state)
{
	CLEANUP(model_client)
	struct model_client *m =
	    client_of(*state, "good:many", ((struct judge *)*state)->good, "ca.crt");
	struct result r[5] = { 0 };
	bool is_all_done = false;

	for (int i = 0; i < 4; i++)
		assert_int_equal(model_call_start(m, str_from(MESSAGES), NULL, keep_result, &r[i]),
		    ERR_OK);
	assert_int_equal(model_call_start(m, str_from(MESSAGES), NULL, keep_result, &r[4]),
	    ERR_BUSY);
	while (!is_all_done) {
		assert_int_equal(model_client_step(m, 1000), ERR_OK);
		is_all_done = r[0].is_done && r[1].is_done && r[2].is_done && r[3].is_done;
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(r[i].outcome, MODEL_ANSWERED);
	assert_false(r[4].is_done);
}

static bool
never_may(void *context)
{
	(void)context;
	return false;
}

static void
a_spent_budget_sends_nothing(void **state)
{
	CLEANUP(model_client)
	struct model_client *m =
	    client_of(*state, "good:spent", ((struct judge *)*state)->good, "ca.crt");
	struct result r = run_one(m, never_may);

	assert_int_equal(r.outcome, MODEL_LIMITED);
	assert_int_equal(r.tries, 0);
	assert_null(strstr(ask(*state, "counted").answer, "good:spent"));
}

static void
a_base_url_without_tls_is_refused(void **state)
{
	struct model_conf conf = { .base_url = "http://localhost/v1",
		.model = "m",
		.ca_file = "",
		.timeout_ms = 1000,
		.max_parallel = 1 };
	struct model_client *m = NULL;

	(void)state;
	assert_int_equal(model_client_new(&conf, &m, NULL), ERR_MALFORMED);
	conf.base_url = "https://user:word@localhost/v1";
	assert_int_equal(model_client_new(&conf, &m, NULL), ERR_MALFORMED);
}

static void
a_budget_is_one_workspaces_own_and_refills_evenly(void **state)
{
	CLEANUP(model_budget) struct model_budget *b = NULL;
	const struct uuid one = { { 1 } }, two = { { 2 } };

	(void)state;
	assert_int_equal(model_budget_new(2, &b), ERR_OK);
	assert_true(model_budget_take(b, &one, 0));
	assert_true(model_budget_take(b, &one, 0));
	assert_false(model_budget_take(b, &one, 0));
	assert_true(model_budget_take(b, &two, 0));
	assert_false(model_budget_take(b, &one, 1799999));
	assert_true(model_budget_take(b, &one, 1800000));
	assert_false(model_budget_take(b, &one, 1800000));
	/* Never more than an hour's worth. */
	assert_true(model_budget_take(b, &one, 100 * 3600000));
	assert_true(model_budget_take(b, &one, 100 * 3600000));
	assert_false(model_budget_take(b, &one, 100 * 3600000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_through_unchanged),
		cmocka_unit_test(whatever_is_no_whole_completion_is_malformed),
		cmocka_unit_test(only_passing_troubles_are_tried_again),
		cmocka_unit_test(a_silent_model_times_out),
		cmocka_unit_test(bad_peers_get_no_request),
		cmocka_unit_test(many_calls_run_at_once_up_to_the_limit),
		cmocka_unit_test(a_spent_budget_sends_nothing),
		cmocka_unit_test(a_base_url_without_tls_is_refused),
		cmocka_unit_test(a_budget_is_one_workspaces_own_and_refills_evenly),
	};

	return cmocka_run_group_tests(tests, start_judge, stop_judge);
}
