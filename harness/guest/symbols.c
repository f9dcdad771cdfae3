/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the function of a kernel that contains an address. A panic names only the address ("Kernel
 * mode fault at addr 0x8, ip 0x60284f11"). The kernel is a program that is loaded at its link
 * address, so its own table of symbols has the answer. A file that is cut off, missing, or without
 * such a table gives no answer; no offset in it is trusted beyond its end.
 */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/guest/guest.h"

struct file {
	const unsigned char *bytes;
	size_t size;
};

/* `count` elements of `size` bytes at that place in the file; NULL: the file is too short. */
static const void *part(const struct file *f, uint64_t offset, uint64_t count, size_t size)
{
	if (offset > f->size || count > (f->size - offset) / size || (size > 1 && offset % 8))
		return NULL;
	return f->bytes + offset;
}

static const Elf64_Shdr *sections(const struct file *f, size_t *count)
{
	const Elf64_Ehdr *head = part(f, 0, 1, sizeof(*head));

	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_shentsize != sizeof(Elf64_Shdr))
		return NULL;
	*count = head->e_shnum;
	return part(f, head->e_shoff, head->e_shnum, sizeof(Elf64_Shdr));
}

/* The last function that begins at or before the address, and does not end before it. */
static const Elf64_Sym *function_at(const Elf64_Sym *symbols, size_t count, uint64_t address)
{
	const Elf64_Sym *found = NULL;

	for (const Elf64_Sym *s = symbols; s < symbols + count; s++)
		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && s->st_value <= address &&
		    address - s->st_value < s->st_size &&
		    (!found || s->st_value >= found->st_value))
			found = s;
	return found;
}

/* Compilers split functions, and name the parts like this: tcp_connect.cold, .part.0, .isra.0 */
static const char *plain_name(struct arena *a, const char *name, size_t size)
{
	size_t length = strnlen(name, size);
	const char *dot = memchr(name, '.', length);

	return arena_strndup(a, name, dot ? (size_t)(dot - name) : length);
}

static const char *name_in(const struct file *f, struct arena *a, uint64_t address)
{
	size_t count = 0;
	const Elf64_Shdr *list = sections(f, &count);

	for (size_t i = 0; list && i < count; i++) {
		const Elf64_Shdr *table = &list[i], *strings;
		size_t symbols = table->sh_size / sizeof(Elf64_Sym);
		const Elf64_Sym *all, *found;
		const char *names;

		if (table->sh_type != SHT_SYMTAB || table->sh_link >= count)
			continue;
		strings = &list[table->sh_link];
		all = part(f, table->sh_offset, symbols, sizeof(*all));
		names = part(f, strings->sh_offset, strings->sh_size, 1);
		found = all && names ? function_at(all, symbols, address) : NULL;
		if (found && found->st_name < strings->sh_size)
			return plain_name(a, names + found->st_name,
					  strings->sh_size - found->st_name);
	}
	return NULL;
}

const char *symbol_at(struct arena *a, const char *program, uint64_t address)
{
	int fd = address ? open(program, O_RDONLY | O_CLOEXEC) : -1;
	const char *name = NULL;
	struct stat st;
	void *bytes;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && st.st_size > 0) {
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			name = name_in(&(struct file){bytes, (size_t)st.st_size}, a, address);
			munmap(bytes, (size_t)st.st_size);
		}
	}
	close(fd);
	return name;
}
