# serialgate: `make help` lists what there is to make.
VERSION  := 0.1.0
PREFIX   ?= /usr/local
BUILD    ?= build

CC       ?= gcc
CSTD     := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
OPT      ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wmissing-declarations -Wpointer-arith -Wvla -Wformat=2 -Wwrite-strings \
            -Wundef -Wcast-qual -Wno-format-truncation $(if $(CI),-Werror)
HARDEN   ?= -fstack-protector-strong -fstack-clash-protection -fcf-protection \
            -D_FORTIFY_SOURCE=2
CFLAGS   ?=
CPPFLAGS += -I. -DSERIALGATE_VERSION='"$(VERSION)"' $(shell pkg-config --cflags-only-I libxml-2.0 2>/dev/null)
ALLFLAGS  = $(CSTD) $(OPT) $(WARN) $(HARDEN) $(SAN) -fPIE $(CFLAGS) $(CPPFLAGS)
LDHARD   ?= -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed

# A folder is a library or a role; everything but main.c is its archive.
folders  := ipc config terminal/screen terminal gate auth console virt sshd $(if $(wildcard ws/*.c),ws)
shared   := ipc config terminal/screen terminal
roles    := auth console virt sshd $(if $(wildcard ws/main.c),ws)

# The foreign libraries of each role: the walls between the folders, as the linker sees them.
libs_ipc     := -lseccomp
libs_config  := -linih
libs_gate    := $(libs_ipc) $(libs_config)
# AddressSanitizer finds crypt(3) only in what is linked; PAM's modules load it later.
comma        := ,
libs_auth    := $(libs_ipc) -lpam $(if $(SAN),-Wl$(comma)--no-as-needed -lcrypt)
libs_console := $(libs_ipc)
libs_virt    := $(libs_ipc) -lvirt -lvirt-qemu -lxml2 -lpthread
libs_sshd    := $(libs_ipc) -lssh -lvterm
libs_ws      := $(libs_ipc) -lwebsockets -ljansson -lvterm -lssl -lcrypto

sources  = $(filter-out $(1)/main.c,$(wildcard $(1)/*.c))
objects  = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
archive  = $(BUILD)/lib$(subst /,_,$(1)).a
archives = $(foreach f,$(1),$(call archive,$(f)))
programs := $(BUILD)/sbin/serialgate $(foreach r,$(roles),$(BUILD)/libexec/serialgate/$(r))
checks   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/check_*.c))
fuzzers  := $(patsubst fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard fuzz/fuzz_*.c))
modules  := $(patsubst tests/%.c,$(BUILD)/tests/%.so,$(wildcard tests/pam_*.c))

# As many at once as there are processors, unless whoever calls says how many.
jobs      = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all help page demo check check-asan fuzz bench layers lint install clean programs tests
.SECONDARY:

all:                               ## build everything (installs what is missing to build)
	@./deps build
	@$(MAKE) $(jobs) --no-print-directory programs

programs: $(programs)

help:                              ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

define archive_rule
$(call archive,$(1)): $(call objects,$(call sources,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach f,$(folders),$(eval $(call archive_rule,$(f))))

# The page: its files as one document, compressed, as C.
page_files := $(wildcard $(addprefix ws/page/,*.html *.css *.js vendor/*.css vendor/*.mjs))

$(BUILD)/embed: $(wildcard ws/page/*.c ws/page/*.h)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CSTD) $(OPT) $(WARN) -I. -o $@ $(filter %.c,$^) -lcrypto -lz

page:                              ## renew ws/page/vendor from npm, as its lock file says
	@ws/page/vendor.sh $(abspath $(BUILD))/npm

$(BUILD)/page.c: $(BUILD)/embed $(page_files)
	@echo "  GEN $@"
	@$< ws/page > $@.new && mv $@.new $@

$(BUILD)/obj/ws/page.o: $(BUILD)/page.c
	@mkdir -p $(@D)
	@$(CC) $(ALLFLAGS) -c -o $@ $<

$(call archive,ws): $(BUILD)/obj/ws/page.o

$(BUILD)/sbin/serialgate: $(BUILD)/obj/gate/main.o $(call archives,gate $(shared))
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(SAN) $(LDHARD) $(LDFLAGS) -o $@ $< -Wl,--start-group $(call archives,gate $(shared)) -Wl,--end-group $(libs_gate)

define role_rule
$(BUILD)/libexec/serialgate/$(1): $(BUILD)/obj/$(1)/main.o $(call archives,$(1) $(shared))
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	@$$(CC) $$(SAN) $$(LDHARD) $$(LDFLAGS) -o $$@ $$< -Wl,--start-group $(call archives,$(1) $(shared)) -Wl,--end-group $(libs_$(1)) $$(libs_config)
endef
$(foreach r,$(roles),$(eval $(call role_rule,$(r))))

# -- tests --

all_libs := -lseccomp -linih -lpam -lvirt -lvirt-qemu -lxml2 -lssh -lpthread $(if $(filter ws,$(folders)),$(libs_ws)) -lvterm
test_libs := -lcheck -lsubunit -lm -lrt $(all_libs)

$(BUILD)/tests/check_%: $(BUILD)/obj/tests/check_%.o $(call archives,$(folders))
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(SAN) $(LDHARD) $(LDFLAGS) -o $@ $< -Wl,--start-group $(call archives,$(folders)) -Wl,--end-group $(test_libs)

$(BUILD)/tests/pam_%.so: tests/pam_%.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(OPT) $(WARN) -fPIC -shared -o $@ $< -lpam

$(BUILD)/tests/play: $(BUILD)/obj/tests/play.o $(call archives,terminal terminal/screen ipc)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(SAN) $(LDHARD) $(LDFLAGS) -o $@ $< -Wl,--start-group $(call archives,terminal terminal/screen ipc) -Wl,--end-group -lvterm $(libs_ipc)

$(BUILD)/tests/inject: tests/inject.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(OPT) $(WARN) -o $@ $<

$(BUILD)/bench/typist: bench/typist.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CSTD) $(OPT) $(WARN) -o $@ $< -lssl -lcrypto -lutil

tests: guests $(programs) $(checks) $(modules) $(BUILD)/tests/inject $(BUILD)/tests/play

check:                             ## install what is missing, build, run every test
	@./deps build test
	@$(MAKE) $(jobs) --no-print-directory CI=1 tests fuzz-build
	@BUILD=$(BUILD) tests/run

check-asan:                        ## the same with AddressSanitizer and UBSan
	@./deps build test
	@$(MAKE) $(jobs) --no-print-directory CI=1 BUILD=build-asan OPT='-O1 -g' HARDEN= \
	  SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' tests
	@BUILD=build-asan tests/run --asan

# -- fuzzing: clang's libFuzzer over the same sources --

FUZZSAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
FUZZ_SECONDS ?= 120
fuzz_sources := $(foreach f,$(filter-out sshd,$(folders)),$(call sources,$(f)))

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $< (fuzz)"
	@clang $(CSTD) -O1 -g $(FUZZSAN) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/liball.a: $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(fuzz_sources))
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/obj/fuzz/fuzz_%.o $(BUILD)/fuzz/liball.a
	@echo "  LD $@"
	@clang -fsanitize=fuzzer,address,undefined -o $@ $< $(BUILD)/fuzz/liball.a $(all_libs)

.PHONY: fuzz-build
fuzz-build: $(fuzzers)

fuzz:                              ## fuzz every format for FUZZ_SECONDS=120 each
	@./deps build test
	@$(MAKE) $(jobs) --no-print-directory fuzz-build
	@BUILD=$(BUILD) fuzz/run $(FUZZ_SECONDS)

-include guests/guests.mk

# -- the rest --

bench:                             ## the figures, side by side with what is used today
	@./deps build test bench
	@$(MAKE) $(jobs) --no-print-directory $(programs) $(BUILD)/tests/check_escape_streams $(BUILD)/tests/play $(BUILD)/bench/typist
	@BUILD=$(BUILD) bench/run

demo:                              ## two guests and a gateway to try, nothing left behind
	@demo/demo || [ $$? -eq 130 ]

layers: $(programs)                ## no folder includes or links what is not its own
	@BUILD=$(BUILD) tests/layers

lint:                              ## format, man pages, shell scripts
	@tests/lint

install: $(programs)               ## DESTDIR=, PREFIX=/usr/local
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/libexec/serialgate
	install -m 755 $(BUILD)/sbin/serialgate $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(foreach r,$(roles),$(BUILD)/libexec/serialgate/$(r)) $(DESTDIR)$(PREFIX)/libexec/serialgate/
	@for page in man/*.[578]; do \
	  dir=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; install -d $$dir; \
	  echo "install -m 644 $$page $$dir/"; install -m 644 $$page $$dir/; \
	done
	install -d $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 644 config/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/serialgate.conf
	install -m 644 config/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/serialgate.conf
	install -d -m 700 $(DESTDIR)/var/lib/serialgate
	sed 's|/usr/sbin/|$(PREFIX)/sbin/|' config/serialgate.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/serialgate.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/serialgate.service
	install -d $(DESTDIR)/etc/serialgate $(DESTDIR)/etc/pam.d
	test -e $(DESTDIR)/etc/serialgate/serialgate.conf || install -m 644 config/serialgate.conf $(DESTDIR)/etc/serialgate/
	test -e $(DESTDIR)/etc/pam.d/serialgate || install -m 644 config/pam.d-serialgate $(DESTDIR)/etc/pam.d/serialgate

clean:                             ## remove what was built
	rm -rf build build-asan

-include $(shell find $(BUILD)/obj $(BUILD)/fuzz/obj -name '*.d' 2>/dev/null)
