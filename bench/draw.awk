# draws lines "series TAB x TAB value" as an SVG picture: bars, a group an x,
# or (-v kind=lines) lines over x, both axes logarithmic, where every second
# series is dashed and has the colour of the one before. -v title, xname,
# yname, note. Colours differ for the colour-blind, too (Okabe and Ito).
BEGIN {
	FS = "\t"
	split("#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #777777", colour, " ")
	W = 760; H = 440; L = 76; R = 20; T = 96; B = 66
}
/^#/ || NF != 3 || $3 !~ /^[0-9.]+(e[-+]?[0-9]+)?$/ { next }
{
	if (!($1 in sat)) { sat[$1] = ++ns; series[ns] = $1 }
	if (!($2 in xat)) { xat[$2] = ++nx; x[nx] = $2 }
	v[$1, $2] = $3 + 0
	if ($3 + 0 > most) most = $3 + 0
	if (least == "" || $3 + 0 < least) least = $3 + 0
}
function esc(s) {
	gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s)
	return s
}
function log10(n) { return log(n) / log(10) }
function number(n) {
	return n >= 1000 ? sprintf("%d", n + 0.5) : sprintf("%.3g", n)
}
function text(px, py, anchor, s, more) {
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n",
	    px, py, anchor, more, esc(s)
}
function line(x1, y1, x2, y2, c) {
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
	    x1, y1, x2, y2, c
}
function ypos(n) {
	if (kind == "lines")
		n = (log10(n) - ylow) / (ytop - ylow)
	else
		n /= ytop
	return H - B - n * (H - T - B)
}
function xpos(n) {
	if (xlast == xfirst)
		return (L + W - R) / 2
	return L + 30 + (log(n) - xfirst) / (xlast - xfirst) * (W - L - R - 60)
}
# the y axis: a line and a number at 1, 2 and 5 times powers of ten, those
# of a logarithmic axis only where they are not too many
function axis(    step, n, e, m) {
	if (kind == "lines") {
		ylow = log10(least) - 0.1; ytop = log10(most) + 0.1
		for (e = int(ylow) - 1; e <= ytop; e++)
			for (m = 1; m <= 5; m += m == 1 ? 1 : 3) {
				n = log10(m) + e
				if (n >= ylow && n <= ytop && (m == 1 || ytop - ylow < 2.6))
					grid(m * 10 ^ e)
			}
		return
	}
	step = 10 ^ int(log10(most) - (most < 1))
	step = most / step > 5 ? step * 2 : most / step > 2 ? step : step / 2
	if (most / step < 4)
		step /= 2
	ytop = step * (int(most / step) + 1)
	for (n = 0; n < ytop + step / 2; n += step)
		grid(n)
}
function grid(n) {
	line(L, ypos(n), W - R, ypos(n), n ? "#dddddd" : "#333333")
	text(L - 6, ypos(n) + 4, "end", number(n))
}
function hue(k) {
	return colour[(kind == "lines" ? int((k - 1) / 2) : k - 1) % 7 + 1]
}
# two rows: one of lines, one of dashed lines; bars need one
function legend(    i, px, py) {
	px = L
	for (i = 1; i <= ns; i++) {
		py = 64
		if (kind == "lines") {
			px = L + int((i - 1) / 2) * 190
			py += i % 2 ? -1 : 17
			stroke(sprintf("%.1f,%.1f %.1f,%.1f", px, py - 4, px + 26, py - 4), i)
			text(px + 32, py, "start", series[i])
			continue
		}
		printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" fill=\"%s\"/>\n",
		    px, py - 10, hue(i)
		text(px + 17, py, "start", series[i])
		px += 34 + 6.7 * length(series[i])
	}
}
function stroke(points, k) {
	printf "<polyline points=\"%s\" fill=\"none\" stroke-width=\"2\"%s stroke=\"%s\"/>\n",
	    points, k % 2 ? "" : " stroke-dasharray=\"6 4\"", hue(k)
}
function bars(    i, k, gw, bw, px, py, n) {
	gw = (W - L - R) / nx
	bw = gw * 0.8 / ns
	for (i = 1; i <= nx; i++) {
		for (k = 1; k <= ns; k++) {
			if (!((series[k], x[i]) in v))
				continue
			n = v[series[k], x[i]]
			px = L + (i - 0.9) * gw + (k - 1) * bw
			py = ypos(n)
			printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
			    px + 1, py, bw - 2, H - B - py, hue(k)
			text(px + bw / 2, py - 4, "middle", number(n))
		}
		text(L + (i - 0.5) * gw, H - B + 18, "middle", x[i])
	}
}
function lines(    i, k, p, n, j, t) {
	for (i = 2; i <= nx; i++) # x in order
		for (j = i; j > 1 && x[j] + 0 < x[j - 1] + 0; j--) {
			t = x[j]; x[j] = x[j - 1]; x[j - 1] = t
		}
	xfirst = log(x[1]); xlast = log(x[nx])
	for (i = 1; i <= nx; i++) {
		line(xpos(x[i]), H - B, xpos(x[i]), H - B + 5, "#333333")
		text(xpos(x[i]), H - B + 18, "middle", x[i])
	}
	line(L, H - B, W - R, H - B, "#333333")
	for (k = 1; k <= ns; k++) {
		p = ""
		for (i = 1; i <= nx; i++) {
			if (!((series[k], x[i]) in v))
				continue
			n = ypos(v[series[k], x[i]])
			p = p sprintf(" %.1f,%.1f", xpos(x[i]), n)
			printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n",
			    xpos(x[i]), n, hue(k)
		}
		stroke(substr(p, 2), k)
	}
}
END {
	if (!nx || (kind == "lines" && least <= 0)) {
		print "draw: no figures" >"/dev/stderr"
		exit 1
	}
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n", W, H, W, H
	printf "<title>%s</title>\n", esc(title)
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", W, H
	text(L, 22, "start", title, " font-size=\"16\" font-weight=\"bold\"")
	text(L, 40, "start", note, " fill=\"#555555\"")
	legend()
	axis()
	if (kind == "lines")
		lines()
	else
		bars()
	line(L, T, L, H - B, "#333333")
	text((L + W - R) / 2, H - 22, "middle", xname)
	text(0, 0, "middle", yname, sprintf(" transform=\"translate(18 %.0f) rotate(-90)\"", (T + H - B) / 2))
	print "</svg>"
}
