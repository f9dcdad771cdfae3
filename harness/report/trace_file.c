/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the section tells what the scenario is about, a paragraph in each comment;
 * the interfaces are the ends' links, as each end would have captured it; then the packets follow
 * in the order of the capture, which is the real one. Which notes a packet has is not decided here
 * (harness/story/). A note is one comment: printable, and not longer than a line or two.
 */
#include "harness/report/trace_file.h"

#include <errno.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/version.h"
#include "harness/capture/pcapng.h"
#include "harness/story/story.h"

#define LONGEST_NOTE  300
#define LONGEST_PROSE 4000 /* of a paragraph */
#define MOST_NOTES    20   /* of a packet */

static struct pcapng_option text_option(struct arena *a, uint16_t code, const char *text,
					size_t most)
{
	return pcapng_text(code, shown(a, text), most);
}

/* ---- the section ---- */

/* The next paragraph, in one line; NULL: there is none. */
static const char *next_paragraph(struct arena *a, const char **prose)
{
	const char *from = *prose + strspn(*prose, "\n"), *end = strstr(from, "\n\n");
	char *text;

	if (!*from)
		return NULL;
	text = end ? arena_strndup(a, from, (size_t)(end - from)) : arena_strdup(a, from);
	*prose = from + strlen(text);
	for (char *at = text; (at = strchr(at, '\n'));)
		*at = ' ';
	return text;
}

static void write_section(FILE *out, struct arena *a, const struct planned *planned,
			  const char *release, const struct observation *o)
{
	const struct script *script = o->run->script;
	const char *prose = script && script->prose ? script->prose : "", *text;
	struct pcapng_option *options = NULL;
	size_t count = 0;

	*arena_push(a, options, count) =
	    text_option(a, PCAPNG_SECTION_OS, arena_printf(a, "Linux %s", release), LONGEST_NOTE);
	*arena_push(a, options, count) =
	    text_option(a, PCAPNG_SECTION_PROGRAM, "tcplab " TCPLAB_VERSION, LONGEST_NOTE);
	*arena_push(a, options, count) =
	    text_option(a, PCAPNG_COMMENT, arena_printf(a, "%s: %s", planned->name, planned->title),
			LONGEST_NOTE);
	while ((text = next_paragraph(a, &prose)))
		*arena_push(a, options, count) =
		    text_option(a, PCAPNG_COMMENT, text, LONGEST_PROSE);
	*arena_push(a, options, count) = (struct pcapng_option){0};
	pcapng_section(out, options);
}

/* ---- interfaces ---- */

/* The hosts that have a link, and so an interface, in this order. */
static const enum host linked[] = {HOST_CLIENT, HOST_SERVER};

static uint32_t interface_of(enum host link)
{
	uint32_t i = 0;

	while (i + 1 < ARRAY_SIZE(linked) && linked[i] != link)
		i++;
	return i;
}

static void write_interface(FILE *out, struct arena *a, enum host host)
{
	static const unsigned char resolution = PCAPNG_NANOSECONDS;
	const struct pcapng_option options[] = {
	    text_option(a, PCAPNG_INTERFACE_NAME, host_name(host), LONGEST_NOTE),
	    text_option(a, PCAPNG_INTERFACE_DESCRIPTION,
			arena_printf(a, "the link between the %s and the router", host_name(host)),
			LONGEST_NOTE),
	    {PCAPNG_INTERFACE_RESOLUTION, 1, &resolution},
	    {0},
	};

	pcapng_interface(out, FRAME_MAX, options);
}

/* ---- names ---- */

typedef void name_fn(void *context, const struct ip *ip, const char *name);

static const int families[] = {4, 6};

static void each_name(name_fn *see, void *context)
{
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		struct ip second = router_ip(HOST_SERVER, families[f]);

		for (const char *const *name = address_names(); *name; name++) {
			struct ip ip = named_ip(*name, families[f]);

			see(context, &ip, *name);
		}
		see(context, &second, host_name(HOST_ROUTER));
	}
}

struct records {
	struct arena *a;
	struct pcapng_option *list;
	size_t count;
};

static void add_record(void *context, const struct ip *ip, const char *name)
{
	struct records *r = context;
	size_t size = ip->family == 6 ? 16 : 4, length = strlen(name) + 1;
	char *value = arena_alloc(r->a, size + length);

	memcpy(value, ip->bytes, size);
	memcpy(value + size, name, length);
	*arena_push(r->a, r->list, r->count) =
	    (struct pcapng_option){ip->family == 6 ? PCAPNG_NAME_IPV6 : PCAPNG_NAME_IPV4,
				   (uint16_t)(size + length), value};
}

static void write_names(FILE *out, struct arena *a)
{
	struct records r = {.a = a};

	each_name(add_record, &r);
	*arena_push(a, r.list, r.count) = (struct pcapng_option){0};
	pcapng_names(out, r.list);
}

static void put_host(void *context, const struct ip *ip, const char *name)
{
	char text[64];

	fprintf(context, "%s\t%s\n", ip_text(ip, text), name);
}

bool hosts_write(FILE *out)
{
	each_name(put_host, out);
	return !ferror(out);
}

/* ---- packets ---- */

struct writing {
	FILE *out;
	struct arena *a; /* emptied from time to time */
	const struct story *story;
};

static size_t add_notes(struct writing *w, int event, struct pcapng_option *options, size_t count)
{
	const struct notes *notes = &w->story->of[event];

	for (size_t i = 0; i < notes->count && count < MOST_NOTES; i++)
		options[count++] =
		    text_option(w->a, PCAPNG_COMMENT, notes->list[i].text, LONGEST_NOTE);
	return count;
}

static bool write_packet(void *context, int number, const struct frame *f,
			 const unsigned char header[FRAME_HEADER])
{
	struct writing *w = context;
	const uint32_t flags = f->in ? PCAPNG_OUTBOUND : PCAPNG_INBOUND; /* for that host */
	struct pcapng_option options[MOST_NOTES + 2];
	size_t count = 0;
	const struct pcapng_packet p = {
	    .interface = interface_of(f->link),
	    .stamp = (uint64_t)f->stamp,
	    .header = header,
	    .bytes = f->bytes,
	    .header_size = FRAME_HEADER,
	    .size = f->captured,
	    .length = FRAME_HEADER + f->length,
	};

	arena_clear(w->a);
	for (int i = 0; number <= w->story->frames && i < 2; i++)
		if (w->story->shown[number][i] >= 0)
			count = add_notes(w, w->story->shown[number][i], options, count);
	options[count++] = (struct pcapng_option){PCAPNG_PACKET_FLAGS, sizeof(flags), &flags};
	options[count] = (struct pcapng_option){0};
	pcapng_packet(w->out, &p, options);
	return !ferror(w->out);
}

bool trace_write(FILE *out, const struct planned *planned, const char *release,
		 struct observation *o, const struct story *story)
{
	struct arena a = {0}, loose = {0};
	struct writing w = {out, &loose, story};
	bool written;

	errno = 0;
	write_section(out, &a, planned, release, o);
	for (size_t i = 0; i < ARRAY_SIZE(linked); i++)
		write_interface(out, &a, linked[i]);
	write_names(out, &a);
	written = capture_each(&o->capture, write_packet, &w) && !ferror(out);
	arena_free(&loose);
	arena_free(&a);
	return written;
}
