// Two days of a small home as agents would send them: a netmon agent with devices, an absence and a WAN that was not
// known for a while, and an old agent. For tests of what is asked about them.
import { netmonBody, oldBody, record, row, uuid } from './body.ts';
import { newYear } from './openvault.ts';

/** s since the Unix epoch. */
export const start = newYear / 1000;
export const [phone, tablet] = ['02:00:5e:10:00:17', '02:00:5e:10:00:18'] as const;
const at = (seconds: number) => new Date((start + seconds) * 1000).toISOString();

const wanIs = (state: string, since: number, error: string | null = null) => ({
	version: '0.1.0',
	started: at(0),
	parts: [
		{ part: 'mihomo', state: 'up', since: at(1), last_error: null },
		{ part: 'wan', state, since: at(since), last_error: error },
	],
	backlog_seconds: 4,
	wan: { source: 'procfs', devices: ['eth1'], why: '' },
});

/** In the order in which they come. */
export function story(): Buffer[] {
	return [
		netmonBody(
			[
				row({ seq: 1, record: 1, up: 10, down: 1000 }),
				row({ seq: 2, record: 2, class: 'direct', up: 20, down: 500, bucket: start + 3600 }),
				row({ seq: 3, kind: 'unattributed', up: -1, down: 50, bucket: start + 3600 }),
				row({ seq: 4, kind: 'wan', device: 'eth1', up: 60, down: 1700 }),
				row({ seq: 5, kind: 'overhead', up: 11, down: 90 }),
				row({ seq: 6, kind: 'bypass', up: 20, down: 100 }),
			],
			[
				[1, record({ id: uuid(1), last_updated: at(60) })],
				[
					2,
					record({
						id: uuid(2),
						last_updated: at(3660),
						source_ip: '2001:db8::17',
						host: 'b.example',
						chains: '["DIRECT"]',
					}),
				],
			],
			{
				devices: [
					{ ip: '192.168.1.10', mac: phone, name: 'phone', from: start, to: start + 7200 },
					{ ip: '2001:db8::17', mac: phone, name: 'phone', random: true, from: start },
				],
				health: wanIs('up', 1),
				timestamp: at(3700),
			},
		),
		netmonBody(
			[
				row({ seq: 7, record: 3, up: 5, down: 300, bucket: start + 10_800, since: start + 5_400 }),
				row({ seq: 8, kind: 'unattributed', up: 1, down: 7, bucket: start + 10_800, since: start + 5_400 }),
			],
			[[3, record({ id: uuid(3), last_updated: at(10_800), host: 'c.example' })]],
			{
				after: 6,
				devices: [{ ip: '192.168.1.10', mac: tablet, name: 'tablet', from: start + 7200 }],
				gaps: [{ from: start + 5_400, to: start + 10_800, what: 'nobody looked', lost: { up: 1, down: 2 } }],
				health: wanIs('down', 9_000, 'eth1 is gone'),
				timestamp: at(10_900),
			},
		),
		netmonBody([row({ seq: 9, kind: 'unattributed', up: 0, down: 1, bucket: start + 14_400 })], [], {
			health: wanIs('up', 12_000),
			timestamp: at(14_460),
		}),
		oldBody([record({ id: uuid(9), last_updated: at(100_000), download: 700, upload: 70, source_ip: '192.168.1.77' })]),
	];
}
