# writes N store paths (-v n=N -v store=DIR) as SQL for the database of Nix,
# or (-v form=reg) as registration text. Path i refers to up to 20 earlier
# ones, mostly near, now and then itself; the last refers to enough to reach
# all that nothing else does. The same N gives the same graph.
function rnd(m) {
	seed = (seed * 16807) % 2147483647
	return seed % m
}
function name(i,    h, k, x) {
	x = (i * 7919 + 12345) % 2147483647
	h = ""
	for (k = 0; k < 32; k++) {
		x = (x * 16807) % 2147483647
		h = h substr("0123456789abcdfghijklmnpqrsvwxyz", int(x / 64) % 32 + 1, 1)
	}
	return store "/" h "-package" i % 997 "-" i % 7 "." i % 11
}
BEGIN {
	seed = 4711
	if (form != "reg")
		print "begin;"
	for (i = 1; i <= n; i++) {
		split("", to)
		c = i == n ? 0 : rnd(20)
		if (i > 1)
			for (; c > 0; c--) {
				d = rnd(4) ? rnd(400) + 1 : rnd(i - 1) + 1
				j = d < i ? i - d : rnd(i - 1) + 1
				to[j] = used[j] = 1
			}
		if (rnd(10) == 0)
			to[i] = 1
		if (i == n)
			for (j = 1; j < n; j++)
				if (!(j in used))
					to[j] = 1
		size = rnd(1000000) + 100
		p = name(i)
		if (form == "reg") {
			c = 0
			for (j in to)
				c++
			printf "%s\n%064d\n%d\n\n%d\n", p, i, size, c
			for (j in to)
				print name(j)
			continue
		}
		printf "insert into ValidPaths(id,path,hash,registrationTime,narSize) values(%d,'%s','sha256:%064d',1700000000,%d);\n", i, p, i, size
		for (j in to)
			printf "insert into Refs values(%d,%d);\n", i, j
	}
	if (form == "root") exit
	if (form != "reg")
		print "commit;"
}
