# netifd's answers: /tmp/networks has lines `NETWORK DEVICE`, in the order of their routes; none before they are up.
# shellcheck shell=dash disable=SC2034

network_flush_cache() { :; }
network_find_wan() { find_network "$1" '^wan[0-9]* '; }
network_find_wan6() { find_network "$1" '^wan6 '; }

find_network() {
	local found
	found="$(grep -m 1 "$2" /tmp/networks | cut -d ' ' -f 1)"
	eval "$1=\$found"
	[ -n "$found" ]
}

network_get_device() {
	local found
	found="$(sed -n "s/^$2 //p" /tmp/networks)"
	[ -z "$found" ] || eval "$1=\$found"
	[ -n "$found" ]
}
