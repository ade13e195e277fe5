/* limen: ISC licence, see LICENSE */
/* any text is parsed, or refused with a line that it has; the values are
 * strings within it */
/*
 * link: run-border-vm/border.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../run-border-vm/border.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
within(const char *s, const char *text, size_t len)
{
	static struct border d;

	border_init(&d);
	if (!s || s == d.nic || s == d.dns || s == d.share || s == d.mount ||
	    s == d.tftp)
		return;
	if (s < text || s >= text + len || !memchr(s, 0, len + 1))
		__builtin_trap();
}

static void
check(const struct border *b, const char *text, size_t len)
{
	const char *const s[] = { b->nic, b->pci, b->usb, b->dns, b->share,
		b->mount, b->tftp, b->http, b->lns, b->secret, b->service,
		b->kernel, b->modules, b->busybox };
	char pci[13];
	size_t i;

	for (i = 0; i < sizeof(s) / sizeof(*s); i++)
		within(s[i], text, len);
	if (!b->nic + !b->pci + !b->usb != 2)
		__builtin_trap();
	if (b->pci && border_pci(b->pci, pci) < 0)
		__builtin_trap();
	if (b->nuser > BORDER_USERS || b->nkey > BORDER_KEYS ||
	    b->nforward > BORDER_FORWARDS || b->nreach > BORDER_FORWARDS)
		__builtin_trap();
	if (b->dhcp[0] > b->dhcp[1] || b->prefix < 8 || b->prefix > 30)
		__builtin_trap();
	for (i = 0; i < (size_t)b->nreach; i++)
		within(strchr(b->reach[i], 0) + 1, text, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct border b;
	const char *why = NULL, *key = NULL;
	char *text = malloc(len + 1);
	size_t i;
	int nr, lines = 1;

	if (!text)
		return 0;
	memcpy(text, data, len);
	text[len] = 0;
	for (i = 0; i < len && data[i]; i++)
		lines += data[i] == '\n';
	border_init(&b);
	nr = border_parse(&b, text, &why, &key);
	if (nr < 0 || nr > lines || (nr > 0) != (why != NULL))
		__builtin_trap();
	if (!nr)
		check(&b, text, len);
	free(text);
	return 0;
}
