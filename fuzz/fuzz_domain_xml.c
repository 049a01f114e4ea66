/* SPDX-License-Identifier: ISC */
/*
 * A domain's XML, as a daemon on another machine may send it: what is read from it is
 * printable, bounded and consistent.
 */
#include <stdlib.h>
#include <string.h>

#include "virt/domain_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_printable(const char *s, size_t max)
{
	if (strlen(s) > max)
		abort();
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain_xml d;
	char text[TEXT_MAX + 1];
	const struct domain_device *dev;

	if (domain_xml_parse(&d, (const char *)data, size) < 0 && (d.count || d.displays[0]))
		abort();
	domain_xml_consoles(&d, text);
	check_printable(text, CONSOLES_MAX);
	check_printable(d.displays, d.id ? CONSOLES_MAX : 0);
	text[strcspn(text, " ")] = '\0';
	dev = domain_xml_find(&d, "");
	if (text[0] ? !dev || strcmp(dev->alias, text) != 0 : dev && dev->openable)
		abort();
	domain_xml_explain(&d, "g", "serial0", text);
	check_printable(text, TEXT_MAX);
	return 0;
}
