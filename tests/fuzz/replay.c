/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replaces libFuzzer if there is none: tries each named file, and each file in the named
 * directories. So earlier findings can be tried with any compiler.
 */
#include <ftw.h>

#include "tests/fuzz/fuzz.h"

static size_t tried;

static int try(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t length = type == FTW_F ? (size_t)st->st_size : 0;
	uint8_t *bytes = type == FTW_F ? malloc(length + !length) : NULL;
	FILE *in = bytes ? fopen(path, "re") : NULL;

	(void)ftw;
	if (!bytes)
		return 0;
	if (!in || fread(bytes, 1, length, in) != length) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(2);
	}
	fclose(in);
	/* Whatever comes of it, it is the last line. */
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
	tried++;
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], try, 16, FTW_PHYS) != 0) {
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 2;
		}
	printf("%zu inputs\n", tried);
	return !tried;
}
