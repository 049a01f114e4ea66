/* SPDX-License-Identifier: ISC */
/* See keys.h. */
#include "virt/keys.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virt/domain.h"

enum { HOLD_MS = 100 };

/* What SysRq stands on a keyboard of Linux keycodes: in ASCII's order, 0 and a first. */
static const unsigned digits[] = {
	KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9,
};
static const unsigned letters[] = {
	KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M,
	KEY_N, KEY_O, KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W, KEY_X, KEY_Y, KEY_Z,
};
_Static_assert(sizeof(digits) / sizeof(digits[0]) == 10, "0 to 9");
_Static_assert(sizeof(letters) / sizeof(letters[0]) == 26, "a to z");

/* 0: there is none. */
static unsigned keycode(uint8_t key)
{
	if (key >= '0' && key <= '9')
		return digits[key - '0'];
	if (key >= 'a' && key <= 'z')
		return letters[key - 'a'];
	return 0;
}

static int send_sysrq(struct act *a, uint8_t key)
{
	unsigned codes[] = { KEY_LEFTALT, KEY_SYSRQ, keycode(key) };

	return virDomainSendKey(a->dom, VIR_KEYCODE_SET_LINUX, HOLD_MS, codes, 3, 0);
}

static bool refuse_off(struct act *a)
{
	if (virDomainIsActive(a->dom) != 0)
		return false;
	outcome_refuse(a, REFUSED_FAILED, "the guest is off: it has to be started first");
	return true;
}

void keys_sysrq(struct act *a)
{
	if (refuse_off(a))
		return;
	if (!keycode(a->order->key))
		outcome_refuse(a, REFUSED_USAGE, "a SysRq key is a letter from a to z or a digit");
	else if (send_sysrq(a, a->order->key) == 0)
		outcome_done(a, "SysRq %c sent by the guest's keyboard; whether it is heeded is up to "
			     "its system (Linux: kernel.sysrq)", a->order->key);
	else
		outcome_fail(a, "send SysRq by the guest's keyboard");
}

void keys_nmi(struct act *a)
{
	if (refuse_off(a))
		return;
	if (virDomainInjectNMI(a->dom, 0) == 0)
		outcome_done(a, "NMI sent");
	else
		outcome_fail(a, "send an NMI");
}

/* -- BREAK -- */

/*
 * By QEMU's monitor. 0, or -1 with the reason in why. The alias is one that stands in the
 * guest's XML, of letters, digits, - and _: the command is ours.
 */
static int send_qmp(struct act *a, const char *alias, char *why, size_t size)
{
	char command[ALIAS_MAX + 96];
	char *reply = NULL;
	const char *text;
	int r;

	snprintf(command, sizeof(command), "{\"execute\":\"chardev-send-break\","
		 "\"arguments\":{\"id\":\"char%s\"}}", alias);
	r = virDomainQemuMonitorCommand(a->dom, command, &reply, 0);
	if (r < 0) {
		snprintf(why, size, "%s", virGetLastErrorMessage());
		return -1;
	}
	/* libvirt hands a refusal of QEMU's on as a reply like any other. */
	text = reply ? strstr(reply, "\"desc\":\"") : NULL;
	if (text)
		snprintf(why, size, "QEMU says: %.*s", (int)strcspn(text + 8, "\""), text + 8);
	else if (reply && strstr(reply, "\"error\""))
		snprintf(why, size, "QEMU refuses it");
	else
		why[0] = '\0';
	free(reply);
	return why[0] ? -1 : 0;
}

/* Why there is no BREAK on that console; "" there may be. */
static void explain_no_break(struct act *a, const struct domain_device *dev, char *why,
			     size_t size)
{
	why[0] = '\0';
	if (!dev->serial)
		snprintf(why, size, "%s is not a serial line", dev->alias);
	else if (strcmp(a->driver, "QEMU") != 0)
		snprintf(why, size, "libvirt can send it to QEMU's guests only");
}

/* The key that only prints what SysRq keys there are. */
static void send_harmless(struct act *a, const char *why)
{
	if (send_sysrq(a, 'h') == 0)
		outcome_done(a, "no BREAK (%s): SysRq h sent by the guest's keyboard instead; "
			     "sysrq KEY sends others", why);
	else
		outcome_refuse(a, REFUSED_FAILED, "cannot send BREAK: %s; nor SysRq by a keyboard: %s",
			       why, virGetLastErrorMessage());
}

void keys_break(struct act *a)
{
	const struct domain_device *dev;
	struct domain_xml xml;
	char why[256];

	if (refuse_off(a))
		return;
	if (domain_read_xml(a->dom, &xml) < 0) {
		outcome_fail(a, "read the guest's consoles");
		return;
	}
	dev = domain_xml_find(&xml, a->order->alias);
	if (!dev) {
		a->result.code = REFUSED_NO_GUEST;
		domain_xml_explain(&xml, virDomainGetName(a->dom), a->order->alias, a->result.text);
		return;
	}
	explain_no_break(a, dev, why, sizeof(why));
	if (!why[0] && send_qmp(a, dev->alias, why, sizeof(why)) == 0)
		outcome_done(a, "BREAK sent on %s (QMP; libvirt marks the guest as tainted)",
			     dev->alias);
	else
		send_harmless(a, why);
}
