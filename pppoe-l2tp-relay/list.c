/* limen: ISC licence, see LICENSE */
#include "relay.h"

static struct link *
at(struct relay *r, size_t off, uint16_t n)
{
	return (void *)((char *)&r->calls[n] + off);
}

void
list_add(struct relay *r, struct list *l, size_t off, uint16_t n)
{
	struct link *k = at(r, off, n);

	k->next = 0;
	k->prev = l->last;
	if (l->last)
		at(r, off, l->last)->next = n;
	else
		l->first = n;
	l->last = n;
}

void
list_del(struct relay *r, struct list *l, size_t off, uint16_t n)
{
	struct link *k = at(r, off, n);

	if (k->prev)
		at(r, off, k->prev)->next = k->next;
	else
		l->first = k->next;
	if (k->next)
		at(r, off, k->next)->prev = k->prev;
	else
		l->last = k->prev;
	k->next = k->prev = 0;
}
