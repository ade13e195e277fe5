# an l2tpns as LNS (or as PPPoE server) for tests and benchmarks
# shellcheck shell=bash

# l2tpns_start HOST DIR ADDR [LINE...]: runs l2tpns in the namespace of HOST
# (see host in helper.bash) with address ADDR, its files in DIR, further
# lines of configuration as given
l2tpns_start() {
	local host=host_$1 dir=$2 addr=$3 line
	shift 3
	mkdir -p "$dir/etc"
	{
		echo "set debug 3"
		echo "set log_file \"$dir/log\""
		echo "set pid_file \"$dir/pid\""
		echo "set hostname \"lns\""
		echo "set bind_address $addr"
		echo "set primary_radius 127.0.0.1"
		echo "set radius_secret \"radius\""
		echo "set radius_authtypes \"pap\""
		echo "set allow_duplicate_users yes"
		echo "set primary_dns 10.9.9.9"
		echo "set cluster_interface lo"
		echo "set cluster_hb_interval 1"
		echo "set cluster_hb_timeout 3"
		echo "set cli_bind_address 127.0.0.1"
		echo "set send_garp no"
		for line; do echo "$line"; done
	} >"$dir/etc/startup-config"
	echo "10.64.0.0/16" >"$dir/etc/ip_pool"
	: >"$dir/etc/users"
	: >"$dir/log"
	# it kills its process group at its end
	nsenter -n -t "${!host}" unshare -m setsid sh -c "
	    ip addr add 127.0.0.2/8 dev lo 2>/dev/null
	    mount -t tmpfs tmpfs /etc/l2tpns && cp '$dir'/etc/* /etc/l2tpns &&
	    exec l2tpns" 3>&- 4>&- </dev/null >"$dir/out" 2>&1 &

}

# l2tpns_ready DIR: true when it is the master of its cluster of one
l2tpns_ready() {
	grep -q "declaring myself the master" "$1/log"
}
