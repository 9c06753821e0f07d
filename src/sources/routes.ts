// /proc/net/route and /proc/net/ipv6_route, parsed (reference B.2): what names the WAN is a default route that is
// up and no rejection; a host route through a gateway names it where a tunnel has taken the default.

export interface Route {
	readonly device: string;
	/** `host`: to a single address, through a gateway. */
	readonly kind: 'default' | 'host';
	/** The lower, the more preferred. */
	readonly metric: number;
}

const up = 0x1;
const gateway = 0x2;
const reject = 0x200;

/** The IPv4 main table: `Iface Destination Gateway Flags RefCnt Use Metric Mask ...`, hex but for the decimal metric. */
export function parseRoute(text: string): Route[] {
	const routes: Route[] = [];
	for (const line of text.split('\n')) {
		const [device, destination, , flags, , , metric, mask] = line.split(/\s+/);
		if (!device || device === '*' || mask === undefined) continue;
		if (!/^[\da-f]{8}$/i.test(destination!) || !/^[\da-f]{8}$/i.test(mask) || !/^-?\d+$/.test(metric!)) continue;
		const kind = kindOf(Number.parseInt(flags!, 16), {
			any: destination === '00000000' && mask === '00000000',
			one: /^f{8}$/i.test(mask),
		});
		if (kind) routes.push({ device, kind, metric: Number(metric) });
	}
	return routes;
}

/**
 * IPv6: destination, its length, source, its length, next hop, metric, references, use, flags, device; all hex.
 * The file holds every table, so a tunnel's own table is in it too.
 */
export function parseIpv6Route(text: string): Route[] {
	const routes: Route[] = [];
	for (const line of text.split('\n')) {
		const [destination, length, , , , metric, , , flags, device] = line.trim().split(/\s+/);
		if (!device || device === 'lo' || !/^[\da-f]{1,8}$/i.test(metric!)) continue;
		const kind = kindOf(Number.parseInt(flags!, 16), {
			any: /^0{32}$/.test(destination!) && length === '00',
			one: length === '80',
		});
		if (kind) routes.push({ device, kind, metric: Number.parseInt(metric!, 16) });
	}
	return routes;
}

function kindOf(flags: number, matches: { readonly any: boolean; readonly one: boolean }): Route['kind'] | null {
	if ((flags & up) === 0 || (flags & reject) !== 0) return null;
	if (matches.any) return 'default';
	return matches.one && (flags & gateway) !== 0 ? 'host' : null;
}
