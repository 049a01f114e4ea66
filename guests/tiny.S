/* SPDX-License-Identifier: ISC */
/*
 * tiny: a guest that boots at once.  One 512-byte boot sector which talks on
 * COM1 (16550, 115200n8) and needs no memory, clock or driver worth mentioning,
 * so it behaves the same with and without KVM.  It never touches its disk.
 *
 * It prints "tiny: ready", then "tick N" about once a second, and echoes every
 * byte it receives (CR as CR LF).  Some bytes also do something:
 *
 *	!	flood numbered 64-byte lines, without a pause, until the next
 *		byte comes (which is then treated like any other); no ticks
 *		meanwhile
 *	#	stop ticking (silence); once more: tick again
 *	%	never read the UART again; ticks go on.  This is a guest that
 *		ignores its input: what is sent stays where it is
 *	*	reboot
 *	@	power off
 *
 * It powers off, too, when its power button is pressed, unless it floods.
 */
	.code16
	.globl	_start

	.set	COM1, 0x3f8
	.set	LSR, COM1 + 5
	.set	LSR_DATA_READY, 0x01
	.set	LSR_THR_EMPTY, 0x20
	.set	PIC_COMMAND, 0x20
	.set	PIC_MASK, 0x21
	.set	RESET_CONTROL, 0xcf9
	.set	PM1_STATUS, 0x600		/* where SeaBIOS puts them on QEMU's pc and q35 */
	.set	PM1_ENABLE, 0x602
	.set	PM1_CONTROL, 0x604
	.set	POWER_BUTTON, 0x01		/* in the high byte */
	.set	BIOS_CLOCK, 0x46c		/* 18.2 times a second */
	.set	TICK, 18
	.set	IRQ4_VECTOR, 4 * 0x0c

_start:
	ljmp	$0, $setup
setup:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$_start, %sp
	cld
	movw	$uart_settings, %si
1:	lodsw					/* register, value */
	movw	$COM1, %dx
	addb	%al, %dl
	movb	%ah, %al
	outb	%al, %dx
	cmpw	$uart_settings_end, %si
	jb	1b
	movw	$irq4, IRQ4_VECTOR
	movw	$0, IRQ4_VECTOR + 2
	inb	$PIC_MASK, %al
	andb	$~0x10, %al
	outb	%al, $PIC_MASK
	movw	$PM1_ENABLE, %dx
	movw	$(POWER_BUTTON << 8), %ax
	outw	%ax, %dx
	movw	$ready, %si
	call	put_string

/* Interrupts are off but for the hlt, so that no byte can slip in before it. */
main:
	cli
	cmpb	$0, deaf
	jne	no_input
	movw	$LSR, %dx
	inb	%dx, %al
	cmpb	$0xff, %al			/* there is no UART */
	je	no_input
	testb	$LSR_DATA_READY, %al
	jnz	input
no_input:
	cmpb	$0, flooding
	jne	flood
	cmpb	$0, silent
	jne	idle
	movw	BIOS_CLOCK, %ax
	movw	%ax, %bx
	subw	last_tick, %ax
	cmpw	$TICK, %ax
	jb	idle
	movw	%bx, last_tick
	movw	$tick, %si
	call	put_string
	incl	ticks
	movl	ticks, %eax
	call	put_number
	movw	$newline, %si
	call	put_string
	jmp	main
idle:
	movw	$PM1_STATUS, %dx
	inw	%dx, %ax
	testb	$POWER_BUTTON, %ah
	jnz	power_off
	sti
	hlt
	jmp	main

flood:
	incl	lines
	movl	lines, %eax
	addl	$1000000000, %eax		/* keeps the lines equally long */
	call	put_number
	movw	$filler, %si
	call	put_string
	jmp	main

input:
	movw	$COM1, %dx
	inb	%dx, %al
	movb	$0, flooding
	movb	%al, %bl
	call	put_char
	cmpb	$'\r', %bl
	jne	1f
	movb	$'\n', %al
	call	put_char
1:	cmpb	$'!', %bl
	jne	1f
	incb	flooding
1:	cmpb	$'#', %bl
	jne	1f
	xorb	$1, silent
1:	cmpb	$'%', %bl
	jne	1f
	incb	deaf
	movw	$COM1 + 1, %dx			/* an unread byte must not interrupt for ever */
	xorw	%ax, %ax
	outb	%al, %dx
1:	cmpb	$'*', %bl
	jne	1f
	movw	$RESET_CONTROL, %dx
	movb	$0x06, %al
	outb	%al, %dx
1:	cmpb	$'@', %bl
	jne	main
power_off:
	movw	$PM1_CONTROL, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
	jmp	main

irq4:
	pushw	%ax
	movb	$0x20, %al
	outb	%al, $PIC_COMMAND
	popw	%ax
	iretw

/* %si: a string that ends with a zero byte */
put_string:
	lodsb
	testb	%al, %al
	jz	1f
	call	put_char
	jmp	put_string
1:	ret

/* %eax, in decimal */
put_number:
	xorl	%edx, %edx
	movl	$10, %ecx
	divl	%ecx
	pushw	%dx
	testl	%eax, %eax
	jz	1f
	call	put_number
1:	popw	%ax
	addb	$'0', %al

/* %al; keeps all but %dx and %ah */
put_char:
	movb	%al, %ah
	movw	$LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_THR_EMPTY, %al
	jz	1b
	movw	$COM1, %dx
	movb	%ah, %al
	outb	%al, %dx
	ret

uart_settings:
	.byte	3, 0x80, 0, 1, 1, 0, 3, 0x03	/* divisor 1, 8n1 */
	.byte	2, 0x07, 4, 0x0b, 1, 0x01	/* FIFOs, DTR RTS OUT2, interrupt when a byte came */
uart_settings_end:

ready:	.asciz	"tiny: ready\r\n"
tick:	.asciz	"tick "
filler:	.ascii	" abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM"
newline: .asciz	"\r\n"

ticks:	.long	0
lines:	.long	0
last_tick: .word 0
deaf:	.byte	0
flooding: .byte	0
silent:	.byte	0

	.org	510
	.byte	0x55, 0xaa
