/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expansion: parameters, repetition, conditions, use, and what they refuse.
 */
#include "tests/scripts.h"

/* The lines of a run, notes left out. */
static const char *text_of(const struct run *run)
{
	const char *text = "";

	for (size_t i = 0; i < run->line_count; i++) {
		const char *line = printed(&run->lines[i]);

		if (run->lines[i].kind != LINE_NOTE)
			text = arena_printf(&arena, "%s%s\n", text, line + strspn(line, " "));
	}
	return text;
}

#define TIMES_8(text) text text text text text text text text
#define WORD_252      TIMES_8(TIMES_8("abc")) TIMES_8("abcdefg") "abcd"

static const char *expanded(const char *text)
{
	return text_of(expand_nth(parse_good(text), &facts_6_18, 0));
}

static void refused(const char *text, int line, int column, const char *what)
{
	struct script *s = parse_good(text);
	struct binding **sets;
	struct run run;
	size_t count, n = script_combinations(&arena, s, &sets, &count, &diagnostics);

	if (n)
		assert_false(script_expand(&arena, s, &facts_6_18, sets[0], count, use_data, NULL,
					   &run, &diagnostics));
	expect_diagnostic(line, column, what);
	diagnostics.count = 0;
	diagnostics.list = NULL;
}

static void test_combinations(void **state)
{
	struct binding **sets;
	size_t count, n;

	(void)state;
	n = script_combinations(&arena, parse_good("server mute"), &sets, &count, &diagnostics);
	assert_int_equal(n, 1);
	assert_int_equal(count, 0);

	n = script_combinations(&arena, parse_good("param a = 0 1\nparam b = x 3..5\nserver mute"),
				&sets, &count, &diagnostics);
	assert_int_equal(n, 8);
	assert_int_equal(count, 2);
	assert_string_equal(sets[0][0].name, "a");
	assert_string_equal(sets[0][1].text, "x");
	assert_false(sets[0][1].is_number);
	assert_int_equal(sets[1][1].number, 3);
	assert_int_equal(sets[3][0].number, 0);
	assert_int_equal(sets[4][0].number, 1); /* the first varies slowest */
	assert_int_equal(sets[7][1].number, 5);
	assert_string_equal(sets[7][1].text, "5");

	/* Values that belong together are one choice. */
	n = script_combinations(&arena,
				parse_good("param a b = (0 x) (1 -1)\nparam c = 7 8\nserver mute"),
				&sets, &count, &diagnostics);
	assert_int_equal(n, 4);
	assert_int_equal(count, 3);
	assert_string_equal(sets[1][0].text, "0");
	assert_string_equal(sets[1][1].text, "x");
	assert_int_equal(sets[1][2].number, 8);
	assert_string_equal(sets[2][1].name, "b");
	assert_int_equal(sets[2][1].number, -1);
	assert_false(sets[2][0].follows);
	assert_true(sets[2][1].follows);
	assert_false(sets[2][2].follows);
}

static void test_substitution(void **state)
{
	(void)state;
	assert_string_equal(
	    expanded(
		"param n = 3\nparam flag = SA_RESTART\n"
		"server  listen(l, $n + 2 * $n, {sa_flags=$flag}, [$n], server:$n) = $flag\n"
		"+1s     client:c$n> S 1:$n+1($n) ack $k + 1 win $n <mss $n> to server:$n @x$n\n"
		"@x$n+1s client  ss c$n ESTAB $n $k timer:(on,1sec,$n)\n"
		"server.kid$n  nstat TcpOutRsts +$n\n"
		"router  drop client> $n:4(1) skip $n times $n\n"
		"router  forge ghost:g$n> S\n"
		"server  sysctl net.x$n.y = $n 4 $n\n"
		"router  ip route add $n$n\n"
		"table   a=$n b=$flag c=$k\n"),
	    "server  listen(l, 9, {sa_flags=SA_RESTART}, [3], server:3) = SA_RESTART\n"
	    "+1s     client:c3> S 1:4(3) ack $k + 1 win 3 <mss 3> to server:3  @x3\n"
	    "@x3+1s    client  ss c3 ESTAB 3 $k timer:(on,1sec,3)\n"
	    "server.kid3  nstat TcpOutRsts +3\n"
	    "router  drop client> 3:4(1) skip 3 times 3\n"
	    "router  forge ghost:g3> S\n"
	    "server  sysctl net.x3.y = 3 4 3\n"
	    "router  ip route add 33\n"
	    "table   a=3 b=SA_RESTART c=$k\n");
}

/* A parameter's word where a word of the language stands. */
static void test_words(void **state)
{
	static const char *const lines[] = {
	    "client  close(c) = -1 $w",
	    "          router> icmp $w [icmp $w]",
	    "router  reject icmp $w with $w",
	    "client  ss c $w 0 5",
	    "client  ps kid $w",
	    "client  signal $w",
	    "          client --- $w ---",
	    "          client +++ killed by $w +++",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *line = lines[i];
		const struct script *s =
		    parse_good(arena_printf(&arena, "param w = word\n%s", line));
		const char *wanted = "", *variable;

		assert_string_equal(printed(&s->lines[1]), line);
		line += strspn(line, " ");
		for (; (variable = strstr(line, "$w")); line = variable + 2)
			wanted = arena_printf(&arena, "%s%.*sword", wanted, (int)(variable - line),
					      line);
		assert_string_equal(text_of(expand_nth(s, &facts_6_18, 0)),
				    arena_printf(&arena, "%s%s\n", wanted, line));
	}
}

static void test_repeat(void **state)
{
	const struct run *run;

	(void)state;
	assert_string_equal(
	    expanded("repeat 2 as i\nclient  socket() = c$i\nrepeat 2 as j\n"
		     "client  close(c$i) = $j\nend\nend\n"),
	    "client  socket() = c0\nclient  close(c0) = 0\nclient  close(c0) = 1\n"
	    "client  socket() = c1\nclient  close(c1) = 0\nclient  close(c1) = 1\n");
	assert_string_equal(expanded("server mute\nrepeat 0\nclient mute\nend"), "server  mute\n");
	run = expand_nth(parse_good("client mute\nrepeat 2\nclient mute\nend"), &facts_6_18, 0);
	assert_null(run->lines[0].repeat_at.source);
	assert_int_equal(run->lines[1].iteration, 1);
	assert_int_equal(run->lines[2].iteration, 2);
	assert_int_equal(run->lines[2].repeat_at.line, 2);
}

static void test_backlog(void **state)
{
	const struct run *run = expand_nth(load_data("backlog"), &facts_6_18, 2);
	int sockets = 0;

	(void)state;
	for (size_t i = 0; i < run->line_count; i++)
		sockets +=
		    run->lines[i].kind == LINE_CALL && !strcmp(run->lines[i].call.name, "connect");
	assert_int_equal(sockets, 4); /* backlog 2: three that fit, and z */
	assert_int_equal(run->bindings[0].number, 2);
}

static bool kernel_holds(const char *condition, int a, int b, int c)
{
	struct facts facts = {.kernel = {a, b, c}, .family = 4};
	const char *text =
	    arena_printf(&arena, "client mute\nwhen kernel %s\nserver mute\nend", condition);

	return expand_nth(parse_good(text), &facts, 0)->line_count == 2;
}

static void test_kernels(void **state)
{
	(void)state;
	assert_true(kernel_holds(">= 6.5", 6, 5, 0));
	assert_true(kernel_holds(">= 6.5", 6, 18, 0)); /* a version, not a decimal number */
	assert_false(kernel_holds(">= 6.5", 6, 1, 192));
	assert_true(kernel_holds("= 6.5", 6, 5, 3));
	assert_false(kernel_holds("> 6.5", 6, 5, 3));
	assert_true(kernel_holds("> 6.5.2", 6, 5, 3));
	assert_true(kernel_holds("<= 6.5", 6, 5, 3));
	assert_true(kernel_holds("< 6", 5, 19, 0));
	assert_false(kernel_holds("< 6", 6, 0, 0));
	assert_true(kernel_holds("!= 6.5.3", 6, 5, 4));
}

static void test_when(void **state)
{
	static const char text[] = "param f = 0 SA_RESTART\nwhen $f = 0\nclient mute\nwhen root\n"
				   "client boot\nelse\nclient crash\nend\nelse\nserver mute\nend\n";

	(void)state;
	assert_string_equal(text_of(expand_nth(parse_good(text), &facts_6_18, 0)),
			    "client  mute\nclient  crash\n");
	assert_string_equal(text_of(expand_nth(parse_good(text), &facts_6_18, 1)),
			    "server  mute\n");
	assert_string_equal(
	    expanded("param f = a\nwhen $f = a\nclient mute\nend\nwhen $f != b\nserver "
		     "mute\nend\nwhen $f = 1\nclient boot\nend"),
	    "client  mute\nserver  mute\n");
	assert_string_equal(
	    expanded("when virtual\nclient mute\nend\nwhen netem\nserver mute\nend"),
	    "server  mute\n");
	refused("param p = " WORD_252 "\nclient  socket() = c_" TIMES_8("$p"), 2, 20,
		"becomes a word of more than 2000 characters");
	refused("when $f = 0\nclient mute\nend", 1, 6, "$f has no value here");
	refused("param flag = 0\nwhen $flg = 0\nclient mute\nend", 2, 6, "did you mean $flag?");
	refused("param f = a\nwhen $f < 3\nclient mute\nend", 2, 6,
		"only be compared with = and !=");
	refused("param f = 1\nwhen $f < $g\nclient mute\nend", 2, 11, "known before the run");
}

static void test_family(void **state)
{
	const struct script *s =
	    parse_good("param family = 4 6\nwhen family = 6\nclient mute\nend\n"
		       "server mute\n");

	(void)state;
	assert_int_equal(expand_nth(s, &facts_6_18, 0)->facts.family, 4);
	assert_int_equal(expand_nth(s, &facts_6_18, 1)->facts.family, 6);
	assert_int_equal(expand_nth(s, &facts_6_18, 1)->line_count, 2);
	refused("param e = EPIPE\nclient close(c) = -1 $f", 2, 22, "$f in '$f' has no value here");
	refused("param family = 4 5\nclient mute", 1, 18, "a family is 4 or 6, not 5");
	refused("param n = 1 2 1\nclient mute", 1, 15, "n = 1 is written twice");
	refused("param family = four\nclient mute", 1, 16, "4 or 6, not four");
	refused("param a family = (1 4) (2 x)\nclient mute", 1, 27, "4 or 6, not x");
}

static const char *skip_of(const char *text)
{
	return expand_nth(parse_good(text), &facts_6_18, 0)->skip;
}

static void test_needs(void **state)
{
	(void)state;
	assert_null(skip_of("needs kernel >= 6.5\nneeds netem\nneeds family = 4\nclient mute"));
	assert_string_equal(skip_of("needs kernel >= 6.19\nclient mute"),
			    "needs kernel >= 6.19; this is 6.18.3");
	assert_string_equal(skip_of("needs root\nneeds virtual\nclient mute"), "needs root");
	assert_string_equal(skip_of("needs virtual\nclient mute"), "needs virtual time");
	assert_string_equal(skip_of("needs family = 6\nclient mute"),
			    "needs family = 6; this run is IPv4");
	assert_string_equal(skip_of("param n = 1\nneeds $n > 1\nclient mute"),
			    "needs $n > 1; it is 1");
	assert_null(
	    skip_of("client mute\nwhen root\nneeds virtual\nend")); /* in a branch that is cut */
	refused("needs $n > 1\nclient mute", 1, 7, "$n has no value here");
}

static void test_acks(void **state)
{
	(void)state;
	assert_true(expand_nth(parse_good("acks exact\nclient mute"), &facts_6_18, 0)->acks_exact);
	assert_false(expand_nth(parse_good("client mute"), &facts_6_18, 0)->acks_exact);
}

/* ---- use ---- */

static void test_use(void **state)
{
	const struct run *run = expand_nth(load_data("rto-backoff"), &facts_6_18, 0);
	const struct line *line = &run->lines[2];

	(void)state;
	/* the title, the sysctl, then listening's first call: its own title is not ours */
	assert_int_equal(line->kind, LINE_CALL);
	assert_string_equal(line->place.source->path, "tests/data/listening.tcp");
	/* the line of the script that was run, not that of the beginning between */
	assert_string_equal(line->used_at.source->path, "tests/data/rto-backoff.tcp");
	assert_int_equal(line->used_at.line, 3);
	assert_int_equal(run->first_own, 1);

	run = expand_nth(load_data("keepalive"), &facts_6_18, 0);
	assert_string_equal(run->lines[run->first_own].call.name, "setsockopt");
	assert_null(run->lines[run->first_own].used_at.source);
}

/* Scripts that use each other, by name. */
static struct script *use_loop(void *context, const char *name, struct place at,
			       struct diagnostics *c)
{
	(void)context;
	if (!strcmp(name, "missing")) {
		diagnose(c, at, "no beginning 'missing'");
		return NULL;
	}
	if (!strcmp(name, "param"))
		return parse_text("param n = 1\nclient mute");
	if (!strcmp(name, "wrong"))
		return parse_text("client mute\nrepeat $x\nend");
	if (!strcmp(name, "self"))
		return parse_text("use self");
	if (name[0] == 'a' && name[1])
		return parse_text(arena_printf(&arena, "use %s", name + 1)); /* aaab: aab: ab: b */
	return parse_text("server mute");
}

static void used(const char *text, const char *message)
{
	struct run run;

	diagnostics.count = 0;
	diagnostics.list = NULL;
	if (script_expand(&arena, parse_good(text), &facts_6_18, NULL, 0, use_loop, NULL, &run,
			  &diagnostics)) {
		assert_null(message);
		return;
	}
	assert_non_null(message);
	if (!strstr(diagnosed(), message))
		fail_msg("wanted %s\n%s", message, diagnosed());
}

static void test_use_refused(void **state)
{
	(void)state;
	used("use aaaaaaab", NULL);
	used("use aaaaaaaab", "nested more than 8 deep");
	used("use self", "'self' uses itself");
	used("use missing\nclient mute", "no beginning 'missing'");
	used("use param", "a script with a param cannot be used");
	used("use wrong", "that came in by this line\n    use wrong");
	assert_null(diagnostics.used_at.source); /* no longer stamped */
}

/* ---- limits ---- */

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(
	    expand_nth(parse_good("repeat 9999\nclient mute\nend"), &facts_6_18, 0)->line_count,
	    9999);
	refused("repeat 10000\nclient mute\nend", 1, 1, "more than 10000 lines");
	refused("repeat 1000000000000\nend\nclient mute", 1, 1, "more than 10000 lines");
	refused("repeat 9000\nrepeat 9000\nrepeat 9000\nend\nend\nend", 3, 1,
		"more than 10000 lines");
	refused("repeat $n\nclient mute\nend", 1, 8, "must be known before the run");
	refused("repeat -1\nclient mute\nend", 1, 8, "at least 0");
	refused("param n = 1\nrepeat 3 as i\nclient socket() = c$j\nend", 3, 19,
		"$j in 'c$j' has no value");
	refused("param n = x\nclient  recv(c, ..., $n + 1) = 0", 1, 11,
		"$n is x, and should be a number");
	refused("param n = 9223372036854775807\nclient  recv(c, ..., $n + 1) = 0", 2, 25,
		"too large");
	refused("param a = 1\nparam a = 2\nclient mute", 2, 7, "a param 'a' already");
	refused("param a = 1\nparam b a = (2 3)\nclient mute", 2, 7, "a param 'a' already");
	refused("param a a = (2 3)\nclient mute", 1, 7, "a param 'a' already");
	refused("param a b = (2 3) (2 4)\nclient mute", 1, 20, "a = 2 is written twice");
	refused("param a = 0..3 2\nclient mute", 1, 16, "a = 2 is written twice");
	refused("param a b = (2 $c)\nclient mute", 1, 16, "a number or a word");
	refused("when root\nparam a = 1\nend", 2, 1, "cannot be within");
	refused("param a = 5..4\nclient mute", 1, 11, "empty or too long");
	refused("param a = 1..20000\nclient mute", 1, 11, "empty or too long");
	refused("param a = 1..200\nparam b = 1..200\nclient mute", 2, 1,
		"more than 10000 combinations");
	refused("param a = $b\nclient mute", 1, 11, "a number, a range of numbers or a word");
}

/* What expansion costs can be told without it. */
static void test_count(void **state)
{
	static const struct {
		const char *text;
		size_t lines;
	} rows[] = {
	    {"client mute", 1},
	    {"repeat 100\nrepeat 3\nclient mute\nend\nend", 1 + 100 * (1 + 3)},
	    {"repeat 50\nend", 1 + 50},
	    {"when family = 4\nclient mute\nelse\nclient mute\nclient mute\nend", 1 + 1},
	};
	size_t lines;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(script_count(&arena, parse_good(rows[i].text), &facts_6_18, NULL, 0,
					 NULL, NULL, &lines, &diagnostics));
		assert_int_equal(lines, rows[i].lines);
	}
	assert_false(script_count(&arena, parse_good("repeat 10001\nclient mute\nend"), &facts_6_18,
				  NULL, 0, NULL, NULL, &lines, &diagnostics));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_combinations), script_test(test_substitution),
	    script_test(test_words),	    script_test(test_repeat),
	    script_test(test_backlog),	    script_test(test_kernels),
	    script_test(test_when),	    script_test(test_family),
	    script_test(test_needs),	    script_test(test_acks),
	    script_test(test_use),	    script_test(test_use_refused),
	    script_test(test_limits),	    script_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
