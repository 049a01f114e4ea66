/* SPDX-License-Identifier: ISC */
/* See outcome.h. */
#include "virt/outcome.h"

#include <libvirt/virterror.h>
#include <stdarg.h>
#include <stdio.h>

/* libvirt's words may be translated; its codes are not. */
static const struct advice {
	int error;
	enum refusal code;
	const char *text;
} advices[] = {
	{ VIR_ERR_NO_DOMAIN, REFUSED_NO_GUEST, "it was removed; list shows what there is" },
	{ VIR_ERR_NO_SUPPORT, REFUSED_FAILED, "guests of this kind cannot do that" },
	{ VIR_ERR_OPERATION_UNSUPPORTED, REFUSED_FAILED, "guests of this kind cannot do that" },
	{ VIR_ERR_ARGUMENT_UNSUPPORTED, REFUSED_FAILED, "guests of this kind cannot do that" },
	{ VIR_ERR_OPERATION_INVALID, REFUSED_FAILED, "not in the state it is in now" },
	{ VIR_ERR_OPERATION_TIMEOUT, REFUSED_TIMEOUT,
	  "something else is being done with it: try again in a moment" },
	{ VIR_ERR_OPERATION_DENIED, REFUSED_FAILED,
	  "the administrator of the gateway has to let it in at libvirt" },
	{ VIR_ERR_ACCESS_DENIED, REFUSED_FAILED,
	  "the administrator of the gateway has to let it in at libvirt" },
	{ VIR_ERR_AUTH_FAILED, REFUSED_FAILED,
	  "the administrator of the gateway has to let it in at libvirt" },
	{ VIR_ERR_AUTH_UNAVAILABLE, REFUSED_FAILED,
	  "the administrator of the gateway has to let it in at libvirt" },
	{ VIR_ERR_NO_CONNECT, REFUSED_FAILED, "is libvirt running on the host?" },
	{ VIR_ERR_RPC, REFUSED_FAILED,
	  "the connection to libvirt broke: look at the guest's state before you try again" },
	{ VIR_ERR_AGENT_UNRESPONSIVE, REFUSED_FAILED,
	  "the agent in the guest does not answer: its system may hang" },
};

void outcome_done(struct act *a, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	a->result.code = 0;
	vsnprintf(a->result.text, sizeof(a->result.text), format, ap);
	va_end(ap);
}

void outcome_refuse(struct act *a, enum refusal code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	a->result.code = (uint8_t)code;
	vsnprintf(a->result.text, sizeof(a->result.text), format, ap);
	va_end(ap);
}

void outcome_fail(struct act *a, const char *what)
{
	const struct advice *advice = NULL;
	int error = virGetLastErrorCode();

	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]) && !advice; i++)
		if (advices[i].error == error)
			advice = &advices[i];
	outcome_refuse(a, advice ? advice->code : REFUSED_FAILED, "cannot %s: %s%s%s%s", what,
		       virGetLastErrorMessage(), advice ? " (" : "", advice ? advice->text : "",
		       advice ? ")" : "");
}

bool outcome_is_unsupported(void)
{
	int error = virGetLastErrorCode();

	return error == VIR_ERR_NO_SUPPORT || error == VIR_ERR_INVALID_ARG ||
	       error == VIR_ERR_ARGUMENT_UNSUPPORTED || error == VIR_ERR_OPERATION_UNSUPPORTED ||
	       error == VIR_ERR_CONFIG_UNSUPPORTED;
}
