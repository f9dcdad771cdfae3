# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            the program, build/tcplab
# make test       everything the project promises of itself
# make bench      what a run costs
# make check-style
# SANITIZE=1      the same in build-sanitize/, with the address and undefined behaviour sanitizers

# What the program is linked with; what it loads when it needs it (harness/base/load.h); and what
# tests look into by themselves.
PACKAGES := libnl-3.0 libnl-route-3.0 libnl-idiag-3.0 libnl-nf-3.0 jansson
LOADED_PACKAGES := libpcap libnftables
TEST_PACKAGES := cmocka libpcap

BUILD := build
CFLAGS := -O2 -g
ifeq ($(SANITIZE),1)
BUILD := build-sanitize
CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

CC := gcc
PKG_CONFIG := pkg-config
WARNINGS := -Wall -Wextra -Werror
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS) -pthread \
	     $(shell $(PKG_CONFIG) --cflags $(PACKAGES) $(LOADED_PACKAGES))
LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES))
TEST_LIBS = $(shell $(PKG_CONFIG) --libs $(TEST_PACKAGES))

SOURCES := $(wildcard harness/*.c harness/*/*.c netns/*.c)
PRELOAD := $(wildcard kernels/preload/*.c)
HEADERS := $(wildcard harness/*.h harness/*/*.h netns/*.h tests/*.h tests/*/*.h)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
PARTS := $(filter-out $(BUILD)/harness/main.o,$(OBJECTS))
# Every other program in tests/ is linked like a test, but not run as one.
TEST_SOURCES := $(wildcard tests/*.c)
TESTS := $(TEST_SOURCES:%.c=$(BUILD)/%)
# The mutation test has a run_one() of its own.
MUTATE_SOURCES := $(wildcard tests/mutants/*.c)
MUTATE_PARTS := $(MUTATE_SOURCES:%.c=$(BUILD)/%.o) \
		$(filter-out $(BUILD)/harness/run_one.o $(BUILD)/harness/cmd_%.o,$(PARTS))

# Ask pkg-config once, and only when something is compiled.
$(eval ALL_CFLAGS_ONCE = $$(eval ALL_CFLAGS_ONCE := $$(ALL_CFLAGS))$$(ALL_CFLAGS_ONCE))

.PHONY: all test tests bench check-style clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/tcplab $(BUILD)/preload.so

# Preloaded into a User-Mode Linux: see there.
$(BUILD)/preload.so: $(PRELOAD) Makefile
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -fPIC -shared -o $@ $(PRELOAD) -ldl

$(BUILD)/tcplab: $(OBJECTS)
	$(CC) $(ALL_CFLAGS_ONCE) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS_ONCE) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(PARTS)
	$(CC) $(ALL_CFLAGS_ONCE) $(LDFLAGS) -o $@ $< $(PARTS) $(TEST_LIBS) $(LIBS)

$(BUILD)/mutate: $(MUTATE_PARTS)
	$(CC) $(ALL_CFLAGS_ONCE) $(LDFLAGS) -o $@ $^ $(LIBS)

tests: $(TESTS) $(BUILD)/mutate

test: all tests
	tests/run.sh $(BUILD)

bench: all $(BUILD)/tests/measure $(BUILD)/tests/bare_lab
	tests/bench.sh $(BUILD)/tcplab

# What jansson's loops are, as far as cppcheck needs to know.
LOOPS := '-Djson_array_foreach(array, i, value)=while (next(array, &i, &value))' \
	 '-Djson_object_foreach(object, key, value)=while (next(object, &key, &value))'

check-style:
	clang-format --dry-run -Werror $(PRELOAD) $(SOURCES) $(HEADERS) $(TEST_SOURCES) $(MUTATE_SOURCES)
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
		--inline-suppr --std=c11 -D_GNU_SOURCE $(LOOPS) -I. harness netns kernels/preload

clean:
	rm -rf build build-sanitize

-include $(OBJECTS:.o=.d) $(TEST_SOURCES:%.c=$(BUILD)/%.d) $(MUTATE_SOURCES:%.c=$(BUILD)/%.d)
