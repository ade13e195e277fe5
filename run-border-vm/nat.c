/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "die.h"
#include "guest.h"

/*
 * Three nf_tables messages in a batch, as
 *	nft add table ip border
 *	nft add chain ip border out { type nat hook postrouting priority 100; }
 *	nft add rule ip border out oifname IF masquerade
 * would send them: nothing of that need be in the guest.
 */
#define TABLE "border"
#define CHAIN "out"

struct msg {
	unsigned char b[2048];
	size_t len, start; /* of the message being made */
	unsigned seq;
};

static void
bytes(struct msg *m, const void *p, size_t n)
{
	memcpy(m->b + m->len, p, n);
	m->len += n;
	while (m->len & 3)
		m->b[m->len++] = 0;
}

static void
begin(struct msg *m, int type, int flags, int family, int res)
{
	struct nlmsghdr h;
	struct nfgenmsg g;

	memset(&h, 0, sizeof(h));
	memset(&g, 0, sizeof(g));
	m->start = m->len;
	h.nlmsg_type = (uint16_t)type;
	h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h.nlmsg_seq = ++m->seq;
	g.nfgen_family = (uint8_t)family;
	g.res_id = htons((uint16_t)res);
	bytes(m, &h, sizeof(h));
	bytes(m, &g, sizeof(g));
}

static void
end(struct msg *m)
{
	uint32_t n = (uint32_t)(m->len - m->start);

	memcpy(m->b + m->start, &n, sizeof(n));
}

static void
attr(struct msg *m, int type, const void *p, size_t n)
{
	struct nlattr a = { (uint16_t)(sizeof(a) + n), (uint16_t)type };

	bytes(m, &a, sizeof(a));
	bytes(m, p, n);
}

static void
text(struct msg *m, int type, const char *s)
{
	attr(m, type, s, strlen(s) + 1);
}

static void
num(struct msg *m, int type, uint32_t v)
{
	v = htonl(v);
	attr(m, type, &v, sizeof(v));
}

/* opens a nest, to be closed by its place */
static size_t
nest(struct msg *m, int type)
{
	size_t at = m->len;

	attr(m, type | NLA_F_NESTED, "", 0);
	return at;
}

static void
close_nest(struct msg *m, size_t at)
{
	uint16_t n = (uint16_t)(m->len - at);

	memcpy(m->b + at, &n, sizeof(n));
}

static void
table_and_chain(struct msg *m)
{
	size_t hook;

	begin(m, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE,
	    NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4, 0);
	text(m, NFTA_TABLE_NAME, TABLE);
	end(m);
	begin(m, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN,
	    NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4, 0);
	text(m, NFTA_CHAIN_TABLE, TABLE);
	text(m, NFTA_CHAIN_NAME, CHAIN);
	hook = nest(m, NFTA_CHAIN_HOOK);
	num(m, NFTA_HOOK_HOOKNUM, NF_INET_POST_ROUTING);
	num(m, NFTA_HOOK_PRIORITY, 100);
	close_nest(m, hook);
	text(m, NFTA_CHAIN_TYPE, "nat");
	end(m);
}

static void
rule(struct msg *m, const char *ifname)
{
	char name[16] = { 0 };
	size_t list, e, d, v;

	memcpy(name, ifname, strnlen(ifname, sizeof(name) - 1));
	begin(m, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE,
	    NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, NFPROTO_IPV4, 0);
	text(m, NFTA_RULE_TABLE, TABLE);
	text(m, NFTA_RULE_CHAIN, CHAIN);
	list = nest(m, NFTA_RULE_EXPRESSIONS);
	e = nest(m, NFTA_LIST_ELEM);
	text(m, NFTA_EXPR_NAME, "meta");
	d = nest(m, NFTA_EXPR_DATA);
	num(m, NFTA_META_KEY, NFT_META_OIFNAME);
	num(m, NFTA_META_DREG, NFT_REG_1);
	close_nest(m, d);
	close_nest(m, e);
	e = nest(m, NFTA_LIST_ELEM);
	text(m, NFTA_EXPR_NAME, "cmp");
	d = nest(m, NFTA_EXPR_DATA);
	num(m, NFTA_CMP_SREG, NFT_REG_1);
	num(m, NFTA_CMP_OP, NFT_CMP_EQ);
	v = nest(m, NFTA_CMP_DATA);
	attr(m, NFTA_DATA_VALUE, name, sizeof(name));
	close_nest(m, v);
	close_nest(m, d);
	close_nest(m, e);
	e = nest(m, NFTA_LIST_ELEM);
	text(m, NFTA_EXPR_NAME, "masq");
	close_nest(m, e);
	close_nest(m, list);
	end(m);
}

/* errno of the first message that was refused, or 0 */
static int
answers(int fd, int left)
{
	unsigned char b[4096];
	struct nlmsghdr h;
	ssize_t n;
	size_t at;
	int err;

	while (left > 0) {
		if ((n = recv(fd, b, sizeof(b), 0)) <= 0)
			return errno;
		for (at = 0; at + sizeof(h) + sizeof(err) <= (size_t)n;
		     at += NLMSG_ALIGN(h.nlmsg_len)) {
			memcpy(&h, b + at, sizeof(h));
			memcpy(&err, b + at + sizeof(h), sizeof(err));
			if (h.nlmsg_len < sizeof(h))
				return EPROTO;
			if (h.nlmsg_type == NLMSG_ERROR && err)
				return -err;
			left -= h.nlmsg_type == NLMSG_ERROR;
		}
	}
	return 0;
}

void
guest_nat(const char *ifname)
{
	static struct msg m;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	begin(&m, NFNL_MSG_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES);
	end(&m);
	table_and_chain(&m);
	rule(&m, ifname);
	begin(&m, NFNL_MSG_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES);
	end(&m);
	if (fd < 0 || send(fd, m.b, m.len, 0) != (ssize_t)m.len)
		die(1, "nat:");
	if ((errno = answers(fd, 3)))
		die(1, "nat:");
	close(fd);
}
