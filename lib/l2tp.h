/* limen: ISC licence, see LICENSE */
#ifndef L2TP_H
#define L2TP_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/* L2TP version 2 (RFC 2661): the header and the messages' AVPs */
#define L2TP_PORT    1701
#define L2TP_VERSION 0x0100 /* version 1, revision 0, of AVP 2 */
#define L2TP_PLAIN   1024   /* deciphered AVPs of one message, bytes */

/* bits of the first 16 (section 3.1) */
enum {
	L2TP_T = 0x8000, /* control */
	L2TP_L = 0x4000, /* length present */
	L2TP_S = 0x0800, /* Ns and Nr present */
	L2TP_O = 0x0200, /* offset present */
	L2TP_P = 0x0100, /* priority */
};

/* message types (section 3.2) */
enum {
	L2TP_ZLB = 0, /* no message at all: an acknowledgement */
	L2TP_SCCRQ = 1,
	L2TP_SCCRP = 2,
	L2TP_SCCCN = 3,
	L2TP_STOPCCN = 4,
	L2TP_HELLO = 6,
	L2TP_OCRQ = 7,
	L2TP_OCRP = 8,
	L2TP_OCCN = 9,
	L2TP_ICRQ = 10,
	L2TP_ICRP = 11,
	L2TP_ICCN = 12,
	L2TP_CDN = 14,
	L2TP_WEN = 15,
	L2TP_SLI = 16,
	L2TP_CSUN = 28,	      /* RFC 5515 */
	L2TP_CSURQ = 29,      /* RFC 5515 */
	L2TP_VENDOR = 0xffff, /* any that is not the IETF's */
};

/* AVPs of the IETF (section 4.4) */
enum {
	L2TP_AVP_TYPE = 0,
	L2TP_AVP_RESULT = 1,
	L2TP_AVP_VERSION = 2,
	L2TP_AVP_FRAMING_CAP = 3,
	L2TP_AVP_BEARER_CAP = 4,
	L2TP_AVP_TIE = 5,
	L2TP_AVP_FIRMWARE = 6,
	L2TP_AVP_HOST = 7,
	L2TP_AVP_VENDOR = 8,
	L2TP_AVP_TID = 9,
	L2TP_AVP_WINDOW = 10,
	L2TP_AVP_CHALLENGE = 11,
	L2TP_AVP_Q931 = 12,
	L2TP_AVP_RESPONSE = 13,
	L2TP_AVP_SID = 14,
	L2TP_AVP_SERIAL = 15,
	L2TP_AVP_BEARER = 18,
	L2TP_AVP_FRAMING = 19,
	L2TP_AVP_CALLED = 21,
	L2TP_AVP_CALLING = 22,
	L2TP_AVP_SUBADDR = 23,
	L2TP_AVP_TX_SPEED = 24,
	L2TP_AVP_CHANNEL = 25,
	L2TP_AVP_RANDOM = 36,
	L2TP_AVP_GROUP = 37,
	L2TP_AVP_RX_SPEED = 38,
	L2TP_AVP_SEQUENCING = 39,
	L2TP_AVP_PPP_CAUSE = 46, /* RFC 3145 */
};

/* flags of an AVP's id in the l2tp_put functions */
enum {
	L2TP_M = 0x10000,   /* mandatory */
	L2TP_ADSL = 0x20000 /* of vendor 3561, the Broadband Forum (RFC 5515) */
};
#define L2TP_ADSL_VENDOR 3561
enum {
	L2TP_ADSL_CIRCUIT = 1, /* Agent-Circuit-Id */
	L2TP_ADSL_REMOTE = 2,  /* Agent-Remote-Id */
	L2TP_ADSL_UP = 0x81,   /* actual data rate, bit/s */
	L2TP_ADSL_DOWN = 0x82,
};

/* result codes of StopCCN and of CDN, and error codes (section 4.4.2) */
enum {
	L2TP_STOP_CLEAR = 1,
	L2TP_STOP_ERROR = 2, /* see the error code */
	L2TP_STOP_EXISTS = 3,
	L2TP_STOP_NOT_AUTHORIZED = 4,
	L2TP_STOP_VERSION = 5,
	L2TP_STOP_SHUTDOWN = 6,
	L2TP_STOP_FSM = 7,

	L2TP_CDN_CARRIER = 1,
	L2TP_CDN_ERROR = 2, /* see the error code */
	L2TP_CDN_ADMIN = 3,
	L2TP_CDN_BUSY = 4,     /* lack of facilities, for now */
	L2TP_CDN_UNABLE = 5,   /* lack of facilities, for good */
	L2TP_CDN_INVALID = 6,  /* invalid destination */
	L2TP_CDN_TIMEOUT = 10, /* not established in time */
	L2TP_CDN_NO_FRAMING = 11,

	L2TP_ERR_NONE = 0,
	L2TP_ERR_NO_CC = 1,
	L2TP_ERR_LENGTH = 2,
	L2TP_ERR_VALUE = 3,
	L2TP_ERR_RESOURCES = 4,
	L2TP_ERR_SESSION = 5,
	L2TP_ERR_VENDOR = 6,
	L2TP_ERR_TRY_ANOTHER = 7,
	L2TP_ERR_UNKNOWN_AVP = 8,
};

/* bits of framing capabilities and types (sections 4.4.3 and 4.4.4) */
enum { L2TP_SYNC = 1, L2TP_ASYNC = 2 };

struct l2tp_hdr {
	uint16_t flags, tid, sid;
	uint16_t ns, nr; /* 0 without L2TP_S */
	struct rd body;	 /* AVPs, or PPP after the offset */
};

/*
 * Reads a header; 0, or -1 when it is not L2TP version 2, is cut short,
 * claims more than there is, or is a control header of the wrong form. Bytes
 * after the claimed length are left out of body (frames may be padded).
 */
int l2tp_hdr_get(struct l2tp_hdr *h, const void *pkt, size_t len);

/* bytes within a message or its plain */
struct l2tp_bytes {
	const uint8_t *p; /* NULL when absent */
	uint16_t len;
};

/* what is printable of b, else dots, with a NUL, as much as dst of cap bytes
 * holds */
void l2tp_text(char *dst, size_t cap, const struct l2tp_bytes *b);

/* a shared secret; len 0: none */
struct l2tp_secret {
	const uint8_t *p;
	size_t len;
};

/*
 * A control message taken apart. What is absent is 0. Pointers lead into the
 * packet, or into plain for hidden AVPs: it must not be copied or moved.
 */
struct l2tp_msg {
	uint16_t type; /* L2TP_ZLB without a Message Type, L2TP_VENDOR */
	uint16_t tid, sid, ns, nr;
	uint8_t type_mandatory; /* the Message Type's M bit */
	uint8_t bad;		/* 0, or why it is refused: L2TP_ERR_... */
	uint16_t bad_vendor, bad_avp; /* and which AVP is to blame */
	uint64_t have;		      /* bit N: AVP N of the IETF */
	uint16_t result, error;
	uint16_t version, firmware, atid, window, asid;
	uint32_t framing_cap, bearer_cap, serial, bearer, framing, channel;
	uint32_t tx_speed, rx_speed;
	uint32_t up, down; /* RFC 5515, bit/s */
	struct l2tp_bytes text, host, vendor, challenge, response, called,
	    calling, subaddr, group, circuit, remote, cause, ppp_cause;
	uint16_t used; /* of plain */
	uint8_t plain[L2TP_PLAIN];
};

/*
 * Reads the message of a control header: all AVPs, hidden ones deciphered
 * with secret. Always leaves a defined m. 0, or -1 with m->bad: a length that
 * does not fit, a mandatory AVP that is not known, an AVP that the message
 * type needs and lacks (bad_avp names it), a zero id. What stands behind the
 * AVP to blame is read on, as far as it goes: a refusal needs the peer's id.
 */
int l2tp_msg_get(struct l2tp_msg *m, const struct l2tp_hdr *h,
    const struct l2tp_secret *secret);

/* begins a control message of a type (L2TP_ZLB: a bare header); end fills in
 * the length */
void l2tp_put_begin(struct wr *w, unsigned type, uint16_t tid, uint16_t sid);
void l2tp_put_end(struct wr *w);

/* puts the sequence numbers into a control message that was put earlier */
void l2tp_put_seq(uint8_t *pkt, uint16_t ns, uint16_t nr);

/* AVPs: id is L2TP_AVP_... or L2TP_ADSL_..., with the flags above */
void l2tp_put16(struct wr *w, unsigned id, unsigned v);
void l2tp_put32(struct wr *w, unsigned id, uint32_t v);
void l2tp_put_bytes(struct wr *w, unsigned id, const void *p, size_t n);

/* Result Code with an error code and text (NULL: none) */
void l2tp_put_result(
    struct wr *w, unsigned result, unsigned error, const char *text);

/* the same for what is refused; an AVP that is not known is named in the text,
 * as section 4.4.2 asks */
void l2tp_put_refusal(
    struct wr *w, unsigned result, unsigned error, unsigned avp);

/*
 * Hiding (section 4.3). rv is the content of the Random Vector AVP that the
 * caller has put before. With a secret of length 0 the AVP goes in clear.
 */
struct l2tp_hide {
	struct l2tp_secret secret;
	uint8_t rv[16];
};
void l2tp_put_hidden(struct wr *w, unsigned id, const struct l2tp_bytes *v,
    const struct l2tp_hide *hide);

/* the Challenge Response for a message of this type (section 5.1.1) */
void l2tp_response(uint8_t sum[16], unsigned type,
    const struct l2tp_secret *secret, const struct l2tp_bytes *challenge);

/* words for logs: "SCCRQ", "administrative reasons"; never NULL */
const char *l2tp_msg_name(unsigned type);
const char *l2tp_stop_name(unsigned result);
const char *l2tp_cdn_name(unsigned result);
const char *l2tp_err_name(unsigned error);
/* of a Q.931 cause (AVP 12) and of a PPP disconnect code (RFC 3145) */
const char *l2tp_q931_name(unsigned cause);
const char *l2tp_ppp_cause_name(unsigned code);

#endif
