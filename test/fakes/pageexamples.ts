// The pages of an agent in a home, as LuCI asks for them: history, devices, top; they fit to one another.
import type { DevicesPage, ShownDevice } from '../../src/engine/devicespage.ts';
import type { HistoryPage, TopPage } from '../../src/engine/historypage.ts';

/** s since the Unix epoch: 2026-11-23 13:32 in the router's zone. */
const now = Date.UTC(2026, 10, 23, 5, 32) / 1000;
const zone = 8 * 3_600;
const updated = new Date(now * 1000).toISOString();
const today = '2026-11-23';

/** A wave between 0 and 1 with a day's rise and fall, the same in each run. */
const wave = (seconds: number) =>
	0.15 + 0.85 * Math.max(0, Math.sin(((seconds + zone) / 86_400 - 0.3) * 2 * Math.PI)) ** 2;
const ripple = (no: number) => 0.7 + 0.3 * Math.sin(no * 2.39);

type Pair = [up: number, down: number];
const pair = (bytes: number, upShare: number): Pair => [Math.round(bytes * upShare), Math.round(bytes)];

function classesOf(bytes: number): Record<string, Pair> {
	const parts: Record<string, Pair> = {
		direct: pair(bytes * 0.3, 0.05),
		proxy: pair(bytes * 0.5, 0.06),
		unattributed: pair(bytes * 0.02, 0.1),
		overhead: pair(bytes * 0.05, 0.8),
		bypass: pair(bytes * 0.13, 0.04),
	};
	const sum = (side: 0 | 1) => Object.values(parts).reduce((all, one) => all + one[side], 0);
	return { ...parts, wan: [sum(0), sum(1)] };
}

const home: readonly (readonly [mac: string, name: string | null, named: 'owner' | 'dhcp' | null, share: number])[] = [
	['3c:7c:3f:10:00:01', 'desk', 'owner', 0.34],
	['02:00:5e:10:00:17', 'tablet', 'dhcp', 0.22],
	['d4:5d:64:10:00:02', 'tv', 'owner', 0.2],
	['b2:1a:9c:10:00:03', 'iPhone', 'dhcp', 0.1],
	['00:11:32:10:00:04', 'nas', 'owner', 0.06],
	['44:65:0d:10:00:05', 'speaker', 'dhcp', 0.03],
	['a4:cf:12:10:00:06', 'plug-kitchen', 'dhcp', 0.02],
	['a4:cf:12:10:00:07', null, null, 0.02],
	['192.168.1.77', null, null, 0.01],
];
const devicesOf = (bytes: number, no: number): Record<string, Pair> =>
	Object.fromEntries(
		home.map(([key, , , share], index) => [key, pair(bytes * 0.8 * share * ripple(no + index), 0.06)]),
	);

const stepBytes = (from: number) => 260e6 * wave(from) * ripple(from / 300);
const dayBytes = (no: number) => 28e9 * ripple(no);
const dayOf = (no: number) => new Date((now + zone - no * 86_400) * 1000).toISOString().slice(0, 10);

export function historyExample(): HistoryPage {
	const steps = Array.from({ length: 288 }, (_, index) => now - (now % 300) - (287 - index) * 300);
	const hours = Array.from({ length: 24 }, (_, index) => now - (now % 3_600) - (23 - index) * 3_600);
	const days = Array.from({ length: 400 }, (_, index) => 399 - index);
	const months = [...new Set(days.map((no) => dayOf(no).slice(0, 7)))];
	return {
		updated,
		today,
		offsets: [[steps[0]!, zone]],
		// The agent was off for half an hour: those steps are not there.
		steps: steps
			.filter((_, index) => index < 150 || index > 156)
			.map((from) => ({ from, classes: classesOf(stepBytes(from)) })),
		days: days.map((no) => ({ day: dayOf(no), classes: classesOf(dayBytes(no)) })),
		device_hours: hours.map((from, no) => ({ from, devices: devicesOf(stepBytes(from) * 12, no) })),
		device_days: days.slice(-31).map((no) => ({ day: dayOf(no), devices: devicesOf(dayBytes(no), no) })),
		device_months: months.map((month, no) => ({ month, devices: devicesOf(dayBytes(no) * 30, no) })),
		left_out: 0,
	};
}

export function devicesExample(): DevicesPage {
	const { device_days, device_months } = historyExample();
	const bytes = ([up, down]: readonly [number, number]) => ({ up, down });
	return {
		updated,
		devices: home.map(
			([key, name, named], index): ShownDevice => ({
				...{ key, name, named },
				mac: key.includes(':') ? key : null,
				random: /^.[26ae]:/.test(key),
				addresses: key.includes(':')
					? [`192.168.1.${20 + index}`, ...(index < 4 ? [`2001:db8:1::${index + 10}`] : [])]
					: [key],
				more_addresses: index === 1 ? 3 : 0,
				first: '2026-02-11T08:12:44.000Z',
				seen: index === 7 ? null : new Date((now - index * index * 97) * 1000).toISOString(),
				today: bytes(device_days.at(-1)!.devices[key]!),
				month: bytes(device_months.at(-1)!.devices[key]!),
			}),
		),
		left_out: 0,
		dropped: { ranges: 0, untold: 0 },
		notes: [],
	};
}

export function topExample(): TopPage {
	const hosts = [
		'video.example.com',
		'cdn.example.net',
		'updates.example.org',
		'photos.example.com',
		'mail.example.net',
		'',
	];
	const nodes = ['HK-01', 'DIRECT', 'JP-Tokyo-3', 'SG-02', 'REJECT'];
	const lines = (names: readonly string[], most: number) =>
		names.map((name, index): [string, number, number] => [name, ...pair(most / (index + 1) ** 1.4, 0.05)]);
	const all = (most: number) => ({ hosts: lines(hosts, most), nodes: lines(nodes, most * 1.6) });
	return { updated, day: today, today: all(3.1e9), month: all(61e9) };
}
