// What the router's init script tells beside the settings, in sections of the same file: `config router 'router'` and
// a `config host` for each static host (openwrt/netmon/root/usr/lib/netmon/render.sh writes them).
import type { UciSection } from '../system/uci.ts';

export interface RouterFacts {
	/** The firewall's flow offload; null where it was not told. */
	readonly flowOffload: 'off' | 'soft' | 'hard' | null;
	/** Kernel devices of the networks with a default route and of `lan`, when this was written: hints, may be empty. */
	readonly wanDevices: readonly string[];
	readonly lanDevices: readonly string[];
	readonly hosts: readonly StaticHost[];
	/** A file whose modification time says when somebody last looked at the router's pages; null: nobody can. */
	readonly lookedFile: string | null;
}

/** A host that the owner named (dhcp's `config host`). */
export interface StaticHost {
	readonly name: string;
	/** As the owner wrote them; dnsmasq allows `*` for a byte. */
	readonly macs: readonly string[];
	readonly addresses: readonly string[];
}

const offloads: Readonly<Record<string, RouterFacts['flowOffload']>> = { '0': 'off', '1': 'soft', hw: 'hard' };

/** null: the file is not the init script's. */
export function routerFacts(sections: readonly UciSection[]): RouterFacts | null {
	const router = sections.find(({ type }) => type === 'router');
	if (!router) return null;
	const offload = listOf(router, 'flow_offload')[0] ?? '';
	return {
		flowOffload: Object.hasOwn(offloads, offload) ? offloads[offload]! : null,
		wanDevices: listOf(router, 'wan_device'),
		lanDevices: listOf(router, 'lan_device'),
		hosts: sections.filter(({ type }) => type === 'host').map(hostOf),
		lookedFile: listOf(router, 'looked')[0] ?? null,
	};
}

function hostOf(section: UciSection): StaticHost {
	return {
		name: listOf(section, 'name')[0] ?? '',
		macs: listOf(section, 'mac'),
		addresses: listOf(section, 'ip'),
	};
}

function listOf({ options }: UciSection, name: string): readonly string[] {
	const value = options.get(name) ?? [];
	return typeof value === 'string' ? [value] : value;
}
