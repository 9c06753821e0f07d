// Which devices are the WAN, from the routes and from what sysfs says of the devices. Pure. Of stacked devices
// only the lowest counts: it holds the bytes of those above it.
import type { Route } from './routes.ts';

export interface DeviceFacts {
	/** A TUN/TAP or another device without hardware and link layer (WireGuard): repeats what the real WAN carries. */
	readonly tunnel: boolean;
	/** The devices directly below this one. */
	readonly lower: readonly string[];
}

export interface WanChoice {
	readonly devices: readonly string[];
	/** One sentence. */
	readonly why: string;
}

/** By default routes: IPv4 before IPv6, lowest metric first, each device once, tunnels left out. */
export function chooseByRoutes(
	ipv4: readonly Route[],
	ipv6: readonly Route[],
	factsOf: (device: string) => DeviceFacts,
): WanChoice {
	const all = [...ipv4, ...ipv6];
	if (!all.some((route) => route.kind === 'default')) {
		return { devices: [], why: 'no default route, neither IPv4 nor IPv6, so the WAN is unknown' };
	}
	const real = (kind: Route['kind']) =>
		[byMetric(ipv4, kind), byMetric(ipv6, kind)].flat().filter((device) => !factsOf(device).tunnel);
	const tunnels = unique(byMetric(all, 'default').filter((device) => factsOf(device).tunnel));
	const past = tunnels.length > 0 ? ` (${tunnels.join(', ')} has one too, but is a tunnel)` : '';
	const direct = unique(real('default'));
	if (direct.length > 0) {
		const list = direct.join(', ');
		const why = direct.length > 1 ? `${list} have default routes` : `${list} has the default route`;
		return withoutStacked({ devices: direct, why: why + past }, factsOf);
	}
	const servers = unique(real('host'));
	if (servers.length > 0) {
		const why = `the default route goes into the tunnel ${tunnels.join(', ')}, and its server is reached by ${servers.join(', ')}`;
		return withoutStacked({ devices: servers, why }, factsOf);
	}
	return { devices: [], why: `only the tunnel ${tunnels.join(', ')} has a default route, so the WAN is unknown` };
}

/** The devices that the settings name. */
export function chooseByName(
	devices: readonly string[],
	why: string,
	factsOf: (device: string) => DeviceFacts,
): WanChoice {
	return withoutStacked({ devices: unique(devices), why }, factsOf);
}

function withoutStacked(choice: WanChoice, factsOf: (device: string) => DeviceFacts): WanChoice {
	if (choice.devices.length < 2) return choice;
	const chosen = new Set(choice.devices);
	const upper = choice.devices.filter((device) => isAbove(device, chosen, factsOf));
	if (upper.length === 0) return choice;
	const devices = choice.devices.filter((device) => !upper.includes(device));
	return { devices, why: `${choice.why}; ${upper.join(', ')} lies on ${devices.join(', ')} and is counted there` };
}

function isAbove(device: string, chosen: ReadonlySet<string>, factsOf: (device: string) => DeviceFacts): boolean {
	const seen = new Set([device]);
	for (const one of seen) {
		for (const below of factsOf(one).lower) {
			if (below !== device && chosen.has(below)) return true;
			seen.add(below);
		}
	}
	return false;
}

function byMetric(routes: readonly Route[], kind: Route['kind']): string[] {
	const found = routes.filter((route) => route.kind === kind);
	return found.sort((a, b) => a.metric - b.metric).map((route) => route.device);
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
