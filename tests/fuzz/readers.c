/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers of data that another process has written: a job (by a guest), all files of a guest and
 * its console, the documents that `diff` compares, a run's answer to `bless`, rows of a table, a
 * kernel's table of symbols. All data is accepted or refused without harm.
 *
 * The first byte of the input selects the reader, the rest is the data; files are separated by
 * zeros.
 */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/bless/bless_answer.h"
#include "harness/bless/history.h"
#include "harness/diff/deep.h"
#include "harness/diff/plain.h"
#include "harness/guest/guest.h"
#include "harness/report/report_table.h"
#include "tests/fuzz/fuzz.h"

/* ---- a directory for files ---- */

static char directory[64];

static int discard(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void discard_all(void)
{
	nftw(directory, discard, 16, FTW_PHYS | FTW_DEPTH);
}

static void make_directory(void)
{
	const char *parent = getenv("TMPDIR");

	if (*directory)
		return;
	snprintf(directory, sizeof(directory), "%.30s/tcplab-fuzz-XXXXXX",
		 parent && *parent ? parent : "/tmp");
	if (!mkdtemp(directory)) {
		perror(directory);
		exit(3);
	}
	atexit(discard_all);
}

static const char *path_of(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", directory, name);
}

static void put_file(const char *path, const void *bytes, size_t length)
{
	FILE *out = fopen(path, "we");

	if (!out || fwrite(bytes, 1, length, out) != length || fclose(out)) {
		perror(path);
		exit(3);
	}
}

/* What the program would print to standard error, where libFuzzer prints, too. */
static FILE *silence(void)
{
	FILE *before = stderr;

	stderr = fopen("/dev/null", "we");
	return before;
}

static void speak(FILE *before)
{
	fclose(stderr);
	stderr = before;
}

/* ---- a job ---- */

/* What was taken is written, and read again as the same. */
static void job(struct arena *a, struct input *in)
{
	size_t length = in->left;
	struct job job, again;

	put_file(path_of(a, "job.json"), take_bytes(in, a, &length), length);
	if (!job_read(a, directory, &job))
		return;
	if (!job_write(&job) || !job_read(a, directory, &again))
		wrong("a job that was taken is not taken again");
	if (strcmp(job.scenario.text, again.scenario.text) || strcmp(job.name, again.name) ||
	    strcmp(job.cwd, again.cwd) || job.index != again.index ||
	    job.options.memory != again.options.memory)
		wrong("a job is another one when it is read again");
}

/* ---- what a guest leaves ---- */

static void guest(struct arena *a, struct input *in)
{
	static const char *const files[] = {"status", "console.log", "output", "aside", "errors"};
	uint8_t how = take_byte(in), ended = take_byte(in);
	const struct scenario scenario = {.name = "fuzz", .topic = "fuzz", .path = "fuzz.tcp"};
	const struct planned planned = {
	    .name = "fuzz", .scenario = &scenario, .title = "", .group = "fuzz"};
	const struct options options = {.json = how & 1, .quiet = how & 2};
	const struct bless_order order = {0};
	const struct invocation inv = {
	    .options = &options,
	    .single = how & 4,
	    .order = how & 8 ? &order : NULL,
	    .results = path_of(a, "kept"),
	    .release = "6.12.0",
	};
	const struct guest_kernel kernel = {.name = "6.12", .program = "/proc/self/exe"};
	struct boot b = {
	    .inv = &inv,
	    .kernel = &kernel,
	    .planned = &planned,
	    .directory = directory,
	    .attempt = how >> 6,
	    .ended = ended == 255 ? CAGE_HUNG : ended,
	};
	struct text out, aside;
	FILE *to = text_open(&out), *beside = text_open(&aside), *before;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const char *text = take_text(in, a);

		put_file(path_of(a, files[i]), text, strlen(text));
	}
	b.status = boot_status(&b);
	mkdir(path_of(a, "kept"), 0700);
	mkdir(path_of(a, "results"), 0700);
	mkdir(path_of(a, "results/fuzz"), 0700);
	put_file(path_of(a, "results/fuzz/result.json"), in->at, in->left);
	before = silence();
	guest_hand_over(&b, to, beside);
	speak(before);
	text_close(&out, a);
	text_close(&aside, a);
	arena_free(&b.arena);
}

/* ---- two documents ---- */

static bool read_side(struct side *side, struct arena *a, const char *text)
{
	const char *why;

	side->results = directory;
	side->document = *text ? fmemopen((char *)text, strlen(text), "r") : NULL;
	return side_read(side, a, &why);
}

static void transcripts(struct arena *a, const struct side *old, const struct side *new,
			const struct ran *ran)
{
	json_t *was = side_load(old, ran), *is = side_load(new, side_find(new, ran->name));
	struct transcript from = {"client socket() = c\n#+ x\n# fail: x\n", was};
	struct transcript to = {"client socket() = c\n", is};

	plain_prepare(a, &from, &to);
	json_decref(was);
	json_decref(is);
}

static void documents(struct arena *a, struct input *in)
{
	struct side old = {.label = "old", .kernel = "6.1"},
		    new = {.label = "new", .kernel = "6.12"};
	struct deep deep = {.kinds = {.arena = a}};
	struct text text;
	json_t *json;

	deep.only = json_object();
	deep.unverified = json_array();
	if (read_side(&old, a, take_text(in, a)) && read_side(&new, a, take_text(in, a)))
		for (size_t i = 0; i < old.count; i++) {
			const struct ran *ran = &old.runs[i], *other = side_find(&new, ran->name);

			if (!other || !ran_through(ran) || !ran_through(other))
				continue;
			deep_compare(&deep, &old, &new, ran);
			transcripts(a, &old, &new, ran);
		}
	kinds_conclude(&deep.kinds);
	deep_print(text_open(&text), &deep, &old, &new, true);
	text_close(&text, a);
	json = deep_json(&deep);
	json_decref(json);
	json_decref(deep_different(&deep));
	json_decref(deep.only);
	json_decref(deep.unverified);
	side_close(&old);
	side_close(&new);
}

/* ---- what a run for `bless` says ---- */

static void take_draft(struct arena *a, const struct draft *draft)
{
	static int lines[] = {1, 2};
	const struct draft before = {.text = "client socket() = c\nquiet 1s\n", .lines = lines, 2};
	struct contradiction *list;
	struct history history;

	history_begin(&history, a, &before);
	history_take(&history, draft);
	history_contradictions(&history, &list);
	history_added(&history);
	history_filled(&history);
}

/* What was taken is written, and read again as the same. */
static void answer(struct arena *a, struct input *in)
{
	size_t length = in->left;
	const char *bytes = (const char *)take_bytes(in, a, &length);
	struct bless_answer answer, again;
	char *written = NULL;
	size_t size;
	FILE *out;

	if (!bless_answer_read(a, bytes, length, &answer))
		return;
	out = open_memstream(&written, &size);
	bless_answer_write(out, &answer);
	fclose(out);
	if (!bless_answer_read(a, written, size, &again) ||
	    again.draft.line_count != answer.draft.line_count || again.line != answer.line)
		wrong("an answer is another one when it is read again");
	free(written);
	if (answer.draft.text)
		take_draft(a, &answer.draft);
}

/* ---- others ---- */

/* The rows of a table, each of them a run's. */
static void table(struct arena *a, struct input *in)
{
	json_t *rows = json_array();
	struct text text;

	while (in->left) {
		const char *row = take_text(in, a);
		json_t *json = json_loads(row, 0, NULL);

		if (json)
			json_array_append_new(rows, json);
	}
	report_table_print(text_open(&text), rows, NULL);
	text_close(&text, a);
	json_decref(rows);
}

static void symbols(struct arena *a, struct input *in)
{
	uint64_t address = take_number(in, 4);
	size_t length = in->left;

	put_file(path_of(a, "kernel"), take_bytes(in, a, &length), length);
	symbol_at(a, path_of(a, "kernel"), address);
}

static const struct {
	char letter;
	void (*read)(struct arena *a, struct input *in);
} readers[] = {
    {'j', job}, {'g', guest}, {'d', documents}, {'a', answer}, {'s', symbols}, {'t', table},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct arena a = {0};
	uint8_t letter = take_byte(&in);

	make_directory();
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (readers[i].letter == letter)
			readers[i].read(&a, &in);
	arena_free(&a);
	return 0;
}
