# procd's shell functions, recorded. /tmp/procd-SERVICE holds the instance that runs, as procd would compare it.
# shellcheck shell=dash disable=SC2034

RUNNING="/tmp/procd-${initscript##*/}"

procd_open_service() { INSTANCE=''; }

procd_open_instance() { INSTANCE="$1 "; }

procd_set_param() {
	record param "$@"
	INSTANCE="${INSTANCE}[$*]"
}

procd_close_instance() { :; }

procd_close_service() {
	service_triggers
	if [ -z "$INSTANCE" ]; then
		[ ! -f "$RUNNING" ] || record procd stopped
		rm -f "$RUNNING"
	elif [ ! -f "$RUNNING" ]; then
		record procd started
		echo "$INSTANCE" >"$RUNNING"
	elif [ "$(cat "$RUNNING")" != "$INSTANCE" ]; then
		record procd restarted
		echo "$INSTANCE" >"$RUNNING"
	fi
}

procd_running() { [ -f "/tmp/procd-$1" ]; }

procd_kill() {
	record procd killed
	rm -f "$RUNNING"
}

procd_send_signal() { record signal "$@"; }
procd_add_reload_trigger() { record trigger config "$@"; }
procd_add_raw_trigger() { record trigger event "$@"; }
procd_add_reload_mount_trigger() { record trigger mount "$@"; }
procd_get_mountpoints() { case "$1" in /mnt/usb/*) echo /mnt/usb ;; esac }
