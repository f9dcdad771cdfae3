# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            the program, build/tcplab
# make test       everything the project promises of itself; PARTS='unit cli': these parts of it
# make fuzz       FUZZ_TIME seconds of each target in tests/fuzz/, on all processors; needs clang
# make attack     what has been tried against it, again: SEED=N repeats one, ATTACK_ROUNDS=N scales it
# make mutants    kernels that are wrong, and what catches them: KERNEL=6.12, MUTANTS='close/*', QUICK=1
# make flake      the library many times, on a busy machine and in guests, and which verdicts differ: ROUNDS=20,
#                 GUEST_ROUNDS=50 on each of KERNELS='6.1 6.12'
# make bench      what a run costs
# make install    the program, its scenarios, manual and completions, below DESTDIR and PREFIX (/usr/local);
#                 make uninstall takes them away
# make deb        a package of that, for this machine's Debian or Ubuntu
# make check-style
# SANITIZE=1      the same in build-sanitize/, with the address and undefined behaviour sanitizers (in guests,
#                 with the latter only)
# V=1             each command in full

# The libraries that the program is linked with; those that it loads when it needs them
# (harness/base/load.h); and those that only tests use.
PACKAGES := libnl-3.0 libnl-route-3.0 libnl-idiag-3.0 jansson
LOADED_PACKAGES := libpcap libnftables libnl-nf-3.0
TEST_PACKAGES := cmocka libpcap libseccomp
# And what makes a part of it.
FILTER_PACKAGES := libseccomp

BUILD := build
CFLAGS := -O2 -g
ifeq ($(SANITIZE),1)
BUILD := build-sanitize
TESTED_TOO := guest-program
CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
# Only for `make fuzz`, which calls make with it: the targets for libFuzzer.
ifeq ($(FUZZ),1)
BUILD := build-fuzz
CFLAGS := -O1 -gline-tables-only -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
	  -fno-omit-frame-pointer -D__SANITIZE_ADDRESS__=1
endif
FUZZ_TIME := 600
CLANG := clang
# The program that runs in a guest then: the address sanitizer needs more address space than a
# User-Mode Linux gives its processes (512 GB on x86-64).
ifeq ($(SANITIZE),guest)
BUILD := build-sanitize/guest
CFLAGS := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
endif

CC := gcc
PKG_CONFIG := pkg-config
WARNINGS := $(if $(FUZZ),-w,-Wall -Wextra -Werror) # gcc is the one that is asked
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS) -pthread \
	     $(shell $(PKG_CONFIG) --cflags $(PACKAGES) $(LOADED_PACKAGES))
LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES))
# Symbols are looked up once, at the start, and not again by each of the six processes of a run.
ALL_LDFLAGS = -Wl,-z,now $(LDFLAGS)
TEST_LIBS = $(shell $(PKG_CONFIG) --libs $(TEST_PACKAGES))

SOURCES := $(wildcard harness/*.c harness/*/*.c netns/*.c netns/*/*.c)
FILTER := filter/make.c
PRELOAD := $(wildcard kernels/preload/*.c)
HEADERS := $(wildcard harness/*.h harness/*/*.h netns/*.h netns/*/*.h tests/*.h tests/*/*.h kernels/coverage/*.h)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
MAIN := $(BUILD)/harness/main.o
# All but that.
LIBRARY := $(BUILD)/libtcplab.a
# Every other program in tests/ is linked like a test, but not run as one.
TEST_SOURCES := $(wildcard tests/*.c)
TESTS := $(TEST_SOURCES:%.c=$(BUILD)/%)
# The mutation test has its own run_one(), which the linker takes instead of the library's.
MUTATE_SOURCES := $(wildcard tests/mutants/*.c)
COVERAGE_SOURCES := $(wildcard kernels/coverage/*.c)
# What libFuzzer tries; without it, replay.c tries the corpus.
FUZZ_SOURCES := $(wildcard tests/fuzz/*.c)
FUZZ_REPLAY := tests/fuzz/replay.c
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(filter-out $(FUZZ_REPLAY),$(FUZZ_SOURCES)))
FUZZ_MAIN = $(if $(FUZZ),-fsanitize=fuzzer,$(FUZZ_REPLAY:%.c=$(BUILD)/%.o))

# Ask pkg-config once, and only when something is compiled.
$(eval ALL_CFLAGS_ONCE = $$(eval ALL_CFLAGS_ONCE := $$(ALL_CFLAGS))$$(ALL_CFLAGS_ONCE))

# $(call short,WHAT,FILE) before a command: this is shown instead of the command; with `make -s`,
# nothing.
ifneq ($(V),1)
short = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,printf '  %-4s %s\n' $(1) $(2);)
endif

PREFIX := /usr/local
VERSION = $(shell sed -n 's/^\#define TCPLAB_VERSION "\(.*\)"/\1/p' harness/base/version.h)
INSTALL := install
# Where each thing goes; harness/base/home.c finds it there.
BIN = $(DESTDIR)$(PREFIX)/bin
PRIVATE = $(DESTDIR)$(PREFIX)/lib/tcplab
SHARE = $(DESTDIR)$(PREFIX)/share
DOCUMENTS := README.md SECURITY.md LICENSE $(wildcard docs/*.md docs/*.svg docs/*.schema.json)
SCENARIOS := $(wildcard scenarios/*/*.tcp)

.PHONY: FORCE install uninstall deb all test tests guest-program fuzz fuzzers attack mutants flake programs bench check-style clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/tcplab $(BUILD)/preload.so

# Preloaded into a User-Mode Linux: see there.
$(BUILD)/preload.so: $(PRELOAD) Makefile
	@mkdir -p $(@D)
	$(call short,LINK,$@)$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -fPIC -shared -o $@ $(PRELOAD) -ldl

$(BUILD)/tcplab: $(MAIN) $(LIBRARY)
	$(call short,LINK,$@)$(CC) $(ALL_CFLAGS_ONCE) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Made afresh, so that no removed source stays in it; also if one has only been removed.
$(LIBRARY): $(filter-out $(MAIN),$(OBJECTS)) $(BUILD)/sources
	@rm -f $@
	$(call short,AR,$@)$(AR) rcs $@ $(filter %.o,$^)

# Their names; it is written only when they have changed.
$(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(SOURCES)' | cmp -s - $@ || echo '$(SOURCES)' >$@

# libpcap's name on this system. A vain search for another name would cost a run 150 system calls.
$(BUILD)/harness/capture/pcap_library.o: DEFINES = -DPCAP_SONAME='"$(call soname,libpcap)"'
soname = $(shell readelf -d "$$($(CC) -print-file-name=$(1).so)" 2>&1 | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')

# The filter of system calls that scenarios live under: see there.
$(BUILD)/filter/make: $(FILTER) harness/calls/call_rows.h Makefile
	@mkdir -p $(@D)
	$(call short,LINK,$@)$(CC) -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS) \
		$(shell $(PKG_CONFIG) --cflags $(FILTER_PACKAGES)) -o $@ $< $(shell $(PKG_CONFIG) --libs $(FILTER_PACKAGES))

$(BUILD)/filter/filter.h: $(BUILD)/filter/make
	$(call short,MAKE,$@)$< >$@

$(BUILD)/harness/actor/confine.o: $(BUILD)/filter/filter.h
$(BUILD)/harness/actor/confine.o: DEFINES = -I$(BUILD)/filter

# Which it has in it.
$(BUILD)/harness/web/page.o: $(wildcard harness/web/*.css harness/web/*.js)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(ALL_CFLAGS_ONCE) $(DEFINES) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIBRARY)
	$(call short,LINK,$@)$(CC) $(ALL_CFLAGS_ONCE) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS) $(LIBS)

$(BUILD)/mutate: $(MUTATE_SOURCES:%.c=$(BUILD)/%.o) $(LIBRARY)
	$(call short,LINK,$@)$(CC) $(ALL_CFLAGS_ONCE) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# What ./run.sh coverage makes its tables with.
$(BUILD)/coverage: $(COVERAGE_SOURCES:%.c=$(BUILD)/%.o) $(LIBRARY)
	$(call short,LINK,$@)$(CC) $(ALL_CFLAGS_ONCE) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/test_coverage: $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c,$(COVERAGE_SOURCES)))

# Each may replace a function of the library by its own.
$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(if $(FUZZ),,$(FUZZ_REPLAY:%.c=$(BUILD)/%.o)) $(LIBRARY)
	@mkdir -p $(@D)
	$(call short,LINK,$@)$(CC) $(ALL_CFLAGS_ONCE) $(ALL_LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(LIBRARY) $(LIBS)

fuzzers: $(FUZZERS)

fuzz:
	@CLANG='$(CLANG)' tests/fuzz.sh can
	+@$(MAKE) FUZZ=1 CC='$(CLANG)' fuzzers
	tests/fuzz.sh run build-fuzz $(FUZZ_TIME) $$(nproc)

# Programs that tests trace: as they are, without the sanitizers, and static.
TRACED := $(patsubst tests/programs/%.c,$(BUILD)/tests/programs/%,$(wildcard tests/programs/*.c))

$(TRACED): $(BUILD)/tests/programs/%: tests/programs/%.c Makefile
	@mkdir -p $(@D)
	$(call short,LINK,$@)$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O1 -g -pthread -static -o $@ $<

tests: $(TRACED) $(TESTS) $(BUILD)/mutate $(BUILD)/coverage $(FUZZERS)

test: all tests $(TESTED_TOO)
	tests/run.sh $(BUILD) $(PARTS)

guest-program:
	+$(MAKE) --no-print-directory SANITIZE=guest all

attack: all tests $(TESTED_TOO)
	TCPLAB=$(BUILD)/tcplab tests/attack.sh $(SEED)

KERNEL := 6.12
mutants: all
	kernels/mutants.sh --kernel $(KERNEL) $(if $(QUICK),--quick) $(if $(MUTANTS),'$(MUTANTS)')

# Hours. What is not said here tests/flake.sh decides.
ROUNDS := 20
GUEST_ROUNDS := 50
flake: all
	TCPLAB=$(BUILD)/tcplab ROUNDS=$(ROUNDS) GUEST_ROUNDS=$(GUEST_ROUNDS) $(if $(KERNELS),KERNELS='$(KERNELS)') tests/flake.sh

# Whether the tables of docs/programs.md are what the installed programs do.
programs: all
	TCPLAB=$(BUILD)/tcplab tests/programs.sh

bench: all $(BUILD)/tests/measure $(BUILD)/tests/bare_lab
	tests/bench.sh $(BUILD)/tcplab

install: all
	$(INSTALL) -D -m 755 $(BUILD)/tcplab $(BIN)/tcplab
	$(INSTALL) -D -m 644 $(BUILD)/preload.so $(PRIVATE)/preload.so
	for file in $(SCENARIOS) kernels/config kernels/check.tcp; do \
		$(INSTALL) -D -m 644 $$file $(SHARE)/tcplab/$$file || exit; done
	$(INSTALL) -D -m 755 kernels/build.sh $(SHARE)/tcplab/kernels/build.sh
	$(INSTALL) -D -m 755 kernels/test.sh $(SHARE)/tcplab/kernels/test.sh
	$(INSTALL) -D -m 644 -t $(SHARE)/doc/tcplab $(DOCUMENTS)
	$(INSTALL) -D -m 644 docs/tcplab.1 $(SHARE)/man/man1/tcplab.1
	$(INSTALL) -D -m 644 packaging/tcplab.bash $(SHARE)/bash-completion/completions/tcplab
	$(INSTALL) -D -m 644 packaging/_tcplab $(SHARE)/zsh/site-functions/_tcplab
	$(INSTALL) -D -m 644 packaging/tcplab.fish $(SHARE)/fish/vendor_completions.d/tcplab.fish

# Directories that others use, too, stay.
uninstall:
	rm -f $(BIN)/tcplab $(SHARE)/man/man1/tcplab.1 $(SHARE)/bash-completion/completions/tcplab \
		$(SHARE)/zsh/site-functions/_tcplab $(SHARE)/fish/vendor_completions.d/tcplab.fish
	rm -rf $(PRIVATE) $(SHARE)/tcplab $(SHARE)/doc/tcplab

deb: all
	packaging/deb.sh $(BUILD) $(VERSION)

# Jansson's loops, as far as cppcheck needs to know them.
LOOPS := '-Djson_array_foreach(array, i, value)=while (next(array, &i, &value))' \
	 '-Djson_object_foreach(object, key, value)=while (next(object, &key, &value))'

check-style:
	clang-format --dry-run -Werror $(FILTER) $(PRELOAD) $(SOURCES) $(HEADERS) $(TEST_SOURCES) $(MUTATE_SOURCES) $(FUZZ_SOURCES) $(COVERAGE_SOURCES) \
		$(wildcard tests/programs/*.c)
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
		--inline-suppr --std=c11 -D_GNU_SOURCE $(LOOPS) -I. harness netns filter kernels/preload kernels/coverage

clean:
	rm -rf build build-sanitize build-fuzz

-include $(OBJECTS:.o=.d) $(TEST_SOURCES:%.c=$(BUILD)/%.d) $(MUTATE_SOURCES:%.c=$(BUILD)/%.d) \
	 $(FUZZ_SOURCES:%.c=$(BUILD)/%.d) $(COVERAGE_SOURCES:%.c=$(BUILD)/%.d)
