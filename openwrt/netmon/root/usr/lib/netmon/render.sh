# What the agent may know, from UCI and netifd, as one UCI file: its own options, what is different on a router, the
# core's address and secret, and the router's facts.
# shellcheck shell=dash disable=SC2034,SC2154,SC2317

RUN=/var/run/netmon
CONFIG=$RUN/config
# Where the rpcd plugin looks, wherever state_dir is.
STATUS=$RUN/status.json
# The plugin touches it when somebody looks. Not in the agent's folder: root follows no link that netmon could lay.
LOOKED=$RUN.looked

render() {
	printf "\nconfig agent 'main'\n"
	copy_options netmon 'enabled core node node_heap nice state_dir persist_dir status_file'
	line option state_dir "$state_dir"
	[ -z "$persist_dir" ] || line option persist_dir "$persist_dir"
	line option status_file "$STATUS"
	on_router data_retention_days 0
	on_router log_connections off
	on_router udp_broadcast lan
	render_core
	printf "\nconfig router 'router'\n"
	line option looked "$LOOKED"
	line option flow_offload "$(flow_offload)"
	render_networks
	render_hosts
}

# An option that has another default here than in the agent.
on_router() {
	local value
	config_get value main "$1"
	[ -n "$value" ] || line option "$1" "$2"
}

render_core() {
	local wanted url host token
	config_get wanted main core auto
	config_get url main clash_url
	config_get host main mihomo_host
	config_get token main mihomo_token
	[ "$wanted" = auto ] && [ -z "$url$host" ] || return 0
	if ! find_core; then
		say warn "there is no nikki and no OpenClash: set netmon.main.clash_url and mihomo_token to your core's controller"
		return 0
	fi
	line option clash_url "ws://$core_host:$core_port/connections"
	[ -n "$token" ] || [ -z "$core_secret" ] || line option mihomo_token "$core_secret"
}

# Sets $core_host, $core_port, $core_secret: of the core that runs, else of one that is installed.
find_core() {
	local name says listen found=''
	for name in openclash nikki; do
		says="$($name)"
		[ -n "$says" ] || continue
		# No address and no secret is that long, and ash would cut at it for minutes.
		[ ${#says} -le 4096 ] || continue
		[ -z "$found" ] || [ "${says%% *}" = 1 ] || continue
		found=$name
		says="${says#* }"
		listen="${says%% *}"
		core_host="${listen%:*}"
		core_port="${listen##*:}"
		core_secret="${says#* =}"
		case "$core_host" in '' | '*' | 0.0.0.0 | '[::]') core_host=127.0.0.1 ;; esac
	done
	[ -n "$found" ]
}

# Does it run (1, 0), where does its controller listen, behind `=` its secret; nothing where it is not installed. Each
# in a shell of its own, since all packages share the names CONFIG_...
nikki() (
	config_load nikki || exit 0
	config_get_bool runs config enabled 0
	config_get listen mixin api_listen
	config_get port mixin api_port 9090
	config_get secret mixin api_secret
	printf '%s\n' "$runs ${listen:-:$port} =$secret"
)

openclash() (
	config_load openclash || exit 0
	config_get_bool runs config enable 0
	config_get port config cn_port 9090
	config_get secret config dashboard_password
	printf '%s\n' "$runs :$port =$secret"
)

# 0, 1 or hw: it decides which device has the truth about the WAN.
flow_offload() (
	soft=0
	hard=0
	of_defaults() {
		config_get_bool soft "$1" flow_offloading "$soft"
		config_get_bool hard "$1" flow_offloading_hw "$hard"
	}
	config_load firewall && config_foreach of_defaults defaults
	case "$soft$hard" in 11) echo hw ;; 10) echo 1 ;; *) echo 0 ;; esac
)

# Before netifd has brought a network up there is nothing to name; its event renders again.
render_networks() (
	# shellcheck disable=SC1091
	. /lib/functions/network.sh
	network_flush_cache
	network_find_wan wan4
	network_find_wan6 wan6
	named=' '
	for network in $wan4 $wan6; do
		network_get_device device "$network" || continue
		case "$named" in *" $device "*) continue ;; esac
		named="$named$device "
		line list wan_device "$device"
	done
	! network_get_device device lan || line list lan_device "$device"
)

render_hosts() (
	set -f
	of_host() {
		config_get name "$1" name
		config_get mac "$1" mac
		config_get ip "$1" ip
		[ -n "$name" ] && [ -n "$mac$ip" ] || return 0
		printf '\nconfig host\n'
		line option name "$name"
		for one in $mac; do line list mac "$one"; done
		for one in $ip; do line list ip "$one"; done
	}
	config_load dhcp && config_foreach of_host host
	true
)
