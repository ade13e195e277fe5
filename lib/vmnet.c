/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "addr.h"
#include "unecho.h"
#include "vmnet.h"

int
vmnet_parse(struct vmnet *n)
{
	const struct netname *m = &n->name;

	if (netname_parse(&n->name, n->text) < 0)
		return -1;
	n->relayed = m->kind == NETNAME_PACKET || m->kind == NETNAME_UNIX ||
		     (m->kind == NETNAME_MCAST && unecho_able(m) < 0);
	return 0;
}

void
vmnet_fill(struct vmnet *n)
{
	n->relayed |= n->name.kind == NETNAME_MCAST;
}

void
vmnet_args(struct qemu *q, const struct vmnet *n, int give, const char *nic)
{
	char spec[1024], mac[ADDR_MACLEN];
	int own = !n->relayed || q->plain;

	if (n->name.kind == NETNAME_NONE)
		return;
	if (own && netname_qemu(&n->name, n->id, spec, sizeof(spec)) == 0)
		qemu_opt(q, "-netdev", "%s", spec);
	else if (n->relayed)
		qemu_opt(q, "-netdev", "dgram,id=%s,local.type=fd,local.str=%d",
		    n->id, VMSUP_FD + give);
	else
		q->err = 1;
	qemu_opt(q, "-device", "%s,netdev=%s,mac=%s,romfile=", nic, n->id,
	    addr_macstr(mac, n->mac));
}

int
vmnet_open(struct vmsup *s, const struct vmnet *n, int give)
{
	if (n->relayed)
		return vmsup_wire(s, give, &n->name);
	if (n->name.kind != NETNAME_MCAST)
		return 0;
	s->net[s->nnet].net = n->name;
	memcpy(s->net[s->nnet].mac, n->mac, 6);
	s->nnet++;
	return 0;
}
