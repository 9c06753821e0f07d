// What sysfs (and /proc/net/pppoe) says of network devices: tunnels, stacks, line rates, numbers.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { textOrNull } from './keptfile.ts';
import type { DeviceFacts } from './wandevices.ts';

export interface KernelRoots {
	/** Default `/proc`. */
	readonly proc: string;
	/** Default `/sys`. */
	readonly sys: string;
}

/** No link layer: TUN, WireGuard, but also a modem that speaks raw IP. */
const hardwareTypeNone = '65534';
const hardwareTypePpp = '512';
const bytesPerMegabit = 125_000;
/** USB modems and the like tell fancy figures below this; a line that is told slower counts as this fast. */
const slowestToldMegabits = 1_000;

/** Facts of one device; a device that sysfs does not know is no tunnel and lies on nothing. */
export function readDeviceFacts(roots: KernelRoots, device: string): DeviceFacts {
	const entries = new Set(namesIn(folderOf(roots, device)));
	const type = textOrNull(join(folderOf(roots, device), 'type'))?.trim();
	const lower = [...entries].filter((name) => name.startsWith('lower_')).map((name) => name.slice('lower_'.length));
	return {
		// `device` is there for hardware only.
		tunnel: entries.has('tun_flags') || (type === hardwareTypeNone && !entries.has('device')),
		// sysfs does not link a PPP device to what it runs on; the session list names at least the lower devices.
		lower: type === hardwareTypePpp ? [...lower, ...pppoeLowers(roots)] : lower,
	};
}

/** Bytes a second of a real network card's link; undefined where it is not told or not to be believed (veth). */
export function readLineRate(roots: KernelRoots, device: string): number | undefined {
	const folder = folderOf(roots, device);
	if (!namesIn(folder).includes('device')) return undefined;
	const megabits = Number(textOrNull(join(folder, 'speed')) ?? Number.NaN);
	return megabits > 0 ? Math.max(megabits, slowestToldMegabits) * bytesPerMegabit : undefined;
}

export function folderOf(roots: KernelRoots, device: string): string {
	return join(roots.sys, 'class', 'net', device);
}

/** `Id Address Device`, one line a PPPoE session. */
function pppoeLowers(roots: KernelRoots): string[] {
	const lines = (textOrNull(join(roots.proc, 'net', 'pppoe')) ?? '').split('\n').slice(1);
	return lines.flatMap((line) => line.trim().split(/\s+/)[2] ?? []);
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
