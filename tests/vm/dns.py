# dns.py NAME ADDRESS: a name server on 127.0.0.1 that knows one name
import socket
import sys

name, addr = sys.argv[1:]
want = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
while True:
    q, peer = s.recvfrom(512)
    end = q.index(b"\0", 12) + 1
    known = q[12:end].lower() == want
    ours = known and q[end : end + 4] == b"\0\1\0\1"
    head = q[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1"
    head += (b"\0\1" if ours else b"\0\0") + b"\0\0\0\0"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(addr)
    s.sendto(head + q[12 : end + 4] + (answer if ours else b""), peer)
