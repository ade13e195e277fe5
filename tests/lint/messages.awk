# the string literals within calls of the functions FN (a list of names), as
# "FILE:LINE<tab>FUNCTION<tab>LITERAL"; adjacent ones are one
BEGIN {
	n = split(FN, a, " ")
	for (i = 1; i <= n; i++)
		fn[a[i]] = 1
}
function out() {
	if (lit != "")
		print FILENAME ":" at "\t" call "\t" lit
	lit = ""
}
FNR == 1 { depth = comment = 0; word = lit = "" }
/^[ \t]*#/ { next }
{
	s = $0
	while (s != "") {
		if (comment) {
			i = index(s, "*/")
			if (!i)
				break
			comment = 0
			s = substr(s, i + 2)
		} else if (match(s, /^[ \t]+/)) {
			s = substr(s, RLENGTH + 1)
		} else if (substr(s, 1, 2) == "/*") {
			comment = 1
			s = substr(s, 3)
		} else if (match(s, /^"([^"\\]|\\.)*"/)) {
			if (depth) {
				if (lit == "")
					at = FNR
				lit = lit substr(s, 2, RLENGTH - 2)
			}
			s = substr(s, RLENGTH + 1)
			word = ""
		} else if (match(s, /^[A-Za-z_][A-Za-z_0-9]*/)) {
			word = substr(s, 1, RLENGTH)
			s = substr(s, RLENGTH + 1)
			out()
		} else {
			c = substr(s, 1, 1)
			if (match(s, /^'([^'\\]|\\.)+'/))
				s = substr(s, RLENGTH + 1)
			else
				s = substr(s, 2)
			out()
			if (c == "(" && (depth || word in fn)) {
				if (!depth++)
					call = word
			} else if (c == ")" && depth) {
				depth--
			}
			word = ""
		}
	}
}
