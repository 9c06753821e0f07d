// A status.json of a home in the evening, that adds up.
import type { Status } from '../../src/sinks/statusfile.ts';

const health = (part: string, state = 'up', last_error: string | null = null) => ({
	part,
	state,
	since: '2026-11-22T18:00:00.000Z',
	attempts: 40_000,
	successes: 39_990,
	failures: 10,
	failures_in_a_row: state === 'up' ? 0 : 3,
	uptime_percent: state === 'up' ? 99.9 : 97.1,
	last_error,
});

/** @param wave 0 to 1: how much flows */
export function statusExample(wave = 0.7): Status {
	const speed = (down: number, up: number) => ({ down: Math.round(down * wave), up: Math.round(up * wave) });
	const parts = {
		direct: speed(2_100_000, 90_000),
		proxy: speed(5_400_000, 310_000),
		reject: speed(0, 0),
		unattributed: speed(160_000, 12_000),
		overhead: speed(410_000, 330_000),
		bypass: speed(900_000, 40_000),
	};
	const sum = (names: readonly (keyof typeof parts)[]) =>
		names.reduce((all, name) => ({ up: all.up + parts[name].up, down: all.down + parts[name].down }), {
			up: 0,
			down: 0,
		});
	const core = sum(['direct', 'proxy', 'reject', 'unattributed']);
	const wan = sum(['direct', 'proxy', 'reject', 'unattributed', 'overhead', 'bypass']);
	const today = ({ up, down }: { up: number; down: number }) => ({ up: up * 3_000, down: down * 3_000 });
	const times = 7_300;
	const total = ({ up, down }: { up: number; down: number }) => ({ up: up * times, down: down * times });
	return {
		version: '0.1.0',
		agent_id: 'OpenWrt-3f2a',
		started: '2026-11-22T18:00:00.000Z',
		updated: '2026-11-23T05:30:00.000Z',
		core: {
			url: 'ws://127.0.0.1:9090',
			connected: true,
			version: 'v1.19.15',
			connections: 312,
			runs: 2,
			interval_ms: 1000,
		},
		speeds: { ...parts, core, wan },
		totals: {
			direct: total(parts.direct),
			proxy: total(parts.proxy),
			reject: total(parts.reject),
			unattributed: total(parts.unattributed),
			attributed: total(sum(['direct', 'proxy', 'reject'])),
			core: total(core),
			wan: total(wan),
			overhead: total(parts.overhead),
			bypass: total(parts.bypass),
			local: { up: 0, down: 0 },
		},
		today: {
			day: '2026-11-23',
			classes: Object.fromEntries(Object.entries({ ...parts, wan }).map(([name, bytes]) => [name, today(bytes)])),
		},
		wan: { source: 'procfs', devices: ['pppoe-wan'], why: 'the default route goes out of pppoe-wan', notes: [] },
		udp: { clients: 2, frames: 41_400, refused: 0 },
		queue: null,
		sync: null,
		health: [health('mihomo'), health('wan'), health('udp'), health('status')],
		process: { pid: 2364, rss: 58_000_000, heap: 16_000_000, cpu_seconds: 120, node: '20.20.2' },
	};
}
