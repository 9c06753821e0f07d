// Which devices are the WAN, from netifd's `network.interface dump` (over ubus or LuCI). Pure. Of every stack of
// devices (eth1, eth1.7, pppoe-wan) exactly one is counted per direction, never the sum.
import type { DeviceCounters } from '../record.ts';

/** `soft`, `hard`: flow_offloading, flow_offloading_hw of the firewall's defaults. */
export type Offload = 'off' | 'soft' | 'hard' | 'unknown';

export interface Wan {
	/** netifd's name: `wan`. */
	readonly name: string;
	/** Others on the same device, as `wan6`. */
	readonly also: readonly string[];
	/** Where IP packets go: `pppoe-wan`. */
	readonly l3Device: string;
	/** What `l3Device` runs on, as `eth1` or `eth1.7`; null where it is the same, or nothing netifd knows. */
	readonly lowerDevice: string | null;
	readonly proto: string;
	readonly uptimeS: number | null;
	readonly metric: number;
	readonly families: readonly ('IPv4' | 'IPv6')[];
	/** The device that has the truth for what is received, and for what is sent. */
	readonly received: string;
	readonly sent: string;
}

export interface WanMap {
	/** Lowest metric first. Empty: netifd has no active default route; then /proc may still know one. */
	readonly wans: readonly Wan[];
	/** One sentence: why these devices. */
	readonly why: string;
	/** What the owner should know of these counters, for status and doctor. */
	readonly warnings: readonly string[];
}

/** One logical interface of netifd. */
export interface Interface {
	readonly name: string;
	readonly up: boolean;
	readonly proto: string;
	readonly l3Device: string | null;
	readonly device: string | null;
	readonly uptimeS: number | null;
	readonly metric: number;
	/** Active default routes in the main table. */
	readonly defaults: readonly { readonly family: 'IPv4' | 'IPv6'; readonly metric: number }[];
	/** Default routes that do not count. */
	readonly inactiveDefault: boolean;
	readonly tableDefault: number | null;
	readonly errors: readonly string[];
}

/** Their packets travel inside another WAN's and would be counted twice. */
const tunnelProtocols = new Set(
	(
		'wireguard amneziawg openvpn openconnect vpnc tailscale zerotier gre gretap grev6 grev6tap ipip 6in4 6to4 6rd ' +
		'dslite map lw4o6 464xlat vti vtiv6 xfrm vxlan vxlan6 l2tp pptp sstp'
	).split(' '),
);

type Fields = { readonly [name: string]: unknown };
const isTable = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const tables = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isTable) : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
/** An int32 of one release is an int64 of another. */
const whole = (value: unknown): number | null =>
	typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)) ? Number(value) : null;

/** Reads the answer of `network.interface dump`; an error text where it is not one. */
export function readDump(dump: unknown): Interface[] | string {
	if (!isTable(dump) || !Array.isArray(dump.interface)) return 'network.interface dump: no list of interfaces';
	return tables(dump.interface).flatMap((body): Interface[] => {
		const name = text(body.interface);
		if (name === null) return [];
		const metric = whole(body.metric) ?? 0;
		const defaults = tables(body.route).filter(isDefault);
		const main = defaults.filter((route) => whole(route.table) === null);
		const inTable = defaults.find((route) => whole(route.table) !== null);
		const inactive = isTable(body.inactive) ? tables(body.inactive.route) : [];
		return [
			{
				name,
				up: body.up === true,
				proto: text(body.proto) ?? 'none',
				l3Device: text(body.l3_device),
				device: text(body.device),
				uptimeS: whole(body.uptime),
				metric,
				defaults: main.map((route) => ({
					family: route.target === '::' ? 'IPv6' : 'IPv4',
					metric: whole(route.metric) ?? metric,
				})),
				inactiveDefault: inactive.some(isDefault),
				tableDefault: inTable ? whole(inTable.table) : null,
				errors: tables(body.errors).flatMap((error) => text(error.code) ?? []),
			},
		];
	});
}

function isDefault(route: Fields): boolean {
	if (route.target !== '0.0.0.0' && route.target !== '::') return false;
	// `type` is told for unreachable, blackhole and the like.
	return whole(route.mask) === 0 && (text(route.type) ?? 'unicast') === 'unicast';
}

/** Chooses the WANs among `interfaces` and the device for each direction. */
export function wanMap(interfaces: readonly Interface[], offload: Offload): WanMap {
	const found = candidates(interfaces, offload);
	const direct = found.some((wan) => !tunnelProtocols.has(wan.proto));
	const wans: Wan[] = [];
	const leftOut: string[] = [];
	for (const wan of found) {
		const stacked = wans.find((other) => other.lowerDevice === wan.l3Device || wan.lowerDevice === other.l3Device);
		if (direct && tunnelProtocols.has(wan.proto)) leftOut.push(`${wan.name} (${wan.proto}) is a tunnel through it`);
		else if (stacked) leftOut.push(`${wan.name} shares its device with ${stacked.name}`);
		else wans.push(wan);
	}
	const why = wans.length === 0 ? whyNone(interfaces) : whyThese(wans, leftOut, offload);
	return { wans, why, warnings: offload === 'hard' ? wans.map(hiddenByHardware) : [] };
}

function candidates(interfaces: readonly Interface[], offload: Offload): Wan[] {
	const groups = new Map<string, Interface[]>();
	const ordered = interfaces
		.filter((entry) => entry.up && entry.l3Device !== null && entry.defaults.length > 0)
		.sort((a, b) => lowestMetric(a) - lowestMetric(b) || Number(onlyIPv6(a)) - Number(onlyIPv6(b)));
	for (const entry of ordered) groups.set(entry.l3Device!, [...(groups.get(entry.l3Device!) ?? []), entry]);
	return [...groups].map(([l3Device, members]) => {
		const first = members[0]!;
		// A child as wan_6 names the upper device as its own; its parent knows what that runs on. "@wan" is an alias.
		const lowerDevice =
			interfaces
				.filter((entry) => entry.l3Device === l3Device)
				.map((entry) => entry.device)
				.find((device) => device !== null && device !== l3Device && !device.startsWith('@')) ?? null;
		const families = new Set(members.flatMap((entry) => entry.defaults.map((route) => route.family)));
		return {
			name: first.name,
			also: members.slice(1).map((entry) => entry.name),
			l3Device,
			lowerDevice,
			proto: first.proto,
			uptimeS: first.uptimeS,
			metric: lowestMetric(first),
			families: [...families].sort(),
			// fw4 hooks its flow table on `device`: what comes in is popped there and never reaches the upper device,
			// what goes out still leaves through it. In hardware both directions pass below, if the CPU sees them at all.
			received: offload === 'soft' || offload === 'hard' ? (lowerDevice ?? l3Device) : l3Device,
			sent: offload === 'hard' ? (lowerDevice ?? l3Device) : l3Device,
		};
	});
}

const lowestMetric = (entry: Interface): number => Math.min(...entry.defaults.map((route) => route.metric));
const onlyIPv6 = (entry: Interface): boolean => entry.defaults.every((route) => route.family === 'IPv6');

function whyThese(wans: readonly Wan[], leftOut: readonly string[], offload: Offload): string {
	const named = wans.map((wan) => {
		const names = [wan.name, ...wan.also].join(' and ');
		return `${names} (${wan.proto} on ${wan.l3Device}, ${wan.families.join(' and ')})`;
	});
	const parts = [`netifd's default route: ${named.join(', ')}`, ...leftOut.map((reason) => `not counted: ${reason}`)];
	const below = wans.filter((wan) => wan.received !== wan.l3Device);
	for (const wan of below)
		parts.push(
			`${offload === 'soft' ? 'software' : 'hardware'} flow offload is on: received bytes from ${wan.received}, sent bytes from ${wan.sent}`,
		);
	return parts.join('; ');
}

function whyNone(interfaces: readonly Interface[]): string {
	const near = interfaces.flatMap((entry) => {
		if (entry.tableDefault !== null) return [`${entry.name} has one in table ${entry.tableDefault} only`];
		if (entry.inactiveDefault) return [`${entry.name} has one that is switched off (option defaultroute 0)`];
		if (!entry.up && entry.errors.length > 0) return [`${entry.name} is down (${entry.errors.join(', ')})`];
		return [];
	});
	return ['netifd has no interface with an active default route', ...near].join('; ');
}

function hiddenByHardware(wan: Wan): string {
	return (
		`hardware flow offload is on: what the switch forwards by itself may be missing from the counters of ${wan.received} ` +
		`(what goes through mihomo is not); "ethtool -S ${wan.received}" has the truth, or switch the firewall's flow_offloading_hw off`
	);
}

/** The devices whose counters `countersFor` wants, each once. */
export function devicesOf(map: WanMap): string[] {
	return [...new Set(map.wans.flatMap((wan) => [wan.received, wan.sent, wan.l3Device]))];
}

/**
 * The WAN's counters among those of `devices`: whole where one device has both directions, two halves (see
 * `DeviceCounters.counts`) where it takes two. A WAN whose devices are not there is left out.
 */
export function countersFor(map: WanMap, devices: readonly DeviceCounters[]): DeviceCounters[] {
	const byName = new Map(devices.map((device) => [device.name, device]));
	const chosen = new Map<string, DeviceCounters>();
	const take = (device: DeviceCounters | undefined) => {
		if (device) chosen.set(`${device.name} ${device.counts ?? ''}`, device);
	};
	for (const wan of map.wans) {
		const lower = byName.get(wan.received);
		const upper = byName.get(wan.sent);
		// `device` may name what is no network device (a modem's control port).
		if (!lower) take(byName.get(wan.l3Device));
		else if (lower === upper) take(lower);
		else {
			take({ ...lower, txBytes: 0n, txPackets: lower.txPackets && 0n, counts: 'received' });
			take(upper && { ...upper, rxBytes: 0n, rxPackets: upper.rxPackets && 0n, counts: 'sent' });
		}
	}
	return [...chosen.values()];
}
