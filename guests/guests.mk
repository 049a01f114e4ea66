# SPDX-License-Identifier: ISC
#
# The guests that demo, tests and benchmarks boot, made in build/guests.  The
# top Makefile includes this; `make -f guests/guests.mk guests` works as well.

GUESTS = build/guests/tiny.img build/guests/lxc-init build/guests/vmlinuz

.PHONY: guests
guests: $(GUESTS)

build/guests/tiny.img: guests/tiny.S
	@mkdir -p $(@D)
	gcc -m32 -c -o $(@D)/tiny.o guests/tiny.S
	ld -m elf_i386 -Ttext=0x7c00 --oformat=binary -o $@ $(@D)/tiny.o

# No hardening: it is the load, not the program under test.
build/guests/lxc-init: guests/flood.c
	@mkdir -p $(@D)
	gcc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -o $@ guests/flood.c

# Writes initrd.gz beside it.
build/guests/vmlinuz: guests/linux-image guests/linux-init guests/linux-login
	guests/linux-image $(@D)
