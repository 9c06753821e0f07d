// A home as a master knows it, up to this minute: an agent that tells everything, with devices, a gap and a line, and an
// old one. `facts` has what is in it, for tests that do the sums themselves.
import type { Device, LivePart, Row, WireRecord } from '../../src/wire.ts';
import type { FakeMaster } from '../fakes/master.ts';
import { netmonBody, oldBody, record, row, uuid } from '../master/body.ts';
import { token } from './rig.ts';

export interface Fact {
	readonly class: 'direct' | 'proxy' | 'reject';
	readonly device: string;
	readonly host: string;
	readonly up: number;
	readonly down: number;
}

const hosts = [
	'video.example',
	'mail.example.org',
	'cdn.example.com',
	'a-rather-long-name-of-a-host.static.example.net',
	'',
];
const nodes = ['Amsterdam 2', 'Tokyo 01', '香港 03', 'DIRECT', 'DIRECT'];
const devices = ['192.168.1.10', '192.168.1.11', '192.168.1.12', '2001:db8::23'];
export const names = ['phone', 'Laptop of Ada', null, 'tv'];
const macOf = (at: number) => `02:00:5e:10:00:${(0x17 + at).toString(16)}`;
const bucketS = 300;

export interface Home {
	readonly facts: readonly Fact[];
	readonly count: number;
	readonly agents: readonly string[];
}

/** `count` connections of the last 20 hours, and as many rows of what flowed. */
export async function fillHome(master: FakeMaster, count = 160): Promise<Home> {
	const now = Math.floor(Date.now() / 1000);
	const newest = Math.floor(now / bucketS) * bucketS - bucketS;
	const facts: Fact[] = [];
	const rows: Row[] = [];
	const records: [number, WireRecord][] = [];
	for (let n = 1; n <= count; n += 1) {
		const bucket = newest - (Math.floor((n * 7919) / 13) % 240) * bucketS;
		const kind = n % 17 === 0 ? 'reject' : nodes[n % nodes.length] === 'DIRECT' ? 'direct' : 'proxy';
		const device = devices[n % devices.length]!;
		const host =
			hosts[n % hosts.length]! && (n % 3 === 0 ? `n${n}.${hosts[n % hosts.length]}` : hosts[n % hosts.length]!);
		const [up, down] = [(n * 131_071) % 9_000_000, (n * 8_191_003) % 120_000_000];
		facts.push({ class: kind, device, host, up, down });
		rows.push(row({ seq: n, record: n, class: kind, bucket, up, down }));
		const moments = { start: iso(bucket - 40), last_updated: iso(bucket + 200) };
		const chains =
			kind === 'reject'
				? ['REJECT']
				: nodes[n % nodes.length] === 'DIRECT'
					? ['DIRECT']
					: ['Proxy', nodes[n % nodes.length]!];
		records.push([
			n,
			record({
				...{ id: uuid(n), host, source_ip: device, download: down, upload: up, ...moments },
				...{
					destination_ip: `203.0.113.${n % 200}`,
					chains: JSON.stringify(chains),
					network: n % 4 === 0 ? 'udp' : 'tcp',
				},
				...{
					rule: ['RuleSet', 'DomainSuffix', 'Match'][n % 3]!,
					rule_payload: ['streaming', 'example.org', ''][n % 3]!,
				},
				...{ process: n % 5 === 0 ? 'curl' : '', destination_geoip: ['["nl"]', '["jp"]', 'null'][n % 3]! },
			}),
		]);
	}
	const beside = (seq: number, kind: Row['kind'], up: number, down: number) =>
		row({ seq, kind, up, down, bucket: newest - bucketS, device: kind === 'wan' ? 'pppoe-wan' : null });
	const core = facts.reduce((sum, { up, down }) => ({ up: sum.up + up, down: sum.down + down }), {
		up: 9_000,
		down: 70_000,
	});
	rows.push(
		beside(count + 1, 'unattributed', 9_000, 70_000),
		beside(count + 2, 'overhead', 1_100_000, 3_300_000),
		beside(count + 3, 'bypass', 5_000_000, 40_000_000),
		beside(count + 4, 'wan', core.up + 6_100_000, core.down + 43_300_000),
	);
	const known: Device[] = devices.flatMap((ip, at): Device[] => {
		const name = names[at];
		return name ? [{ ip, mac: macOf(at), name, from: newest - 86_400 }] : [];
	});
	await send(
		master,
		netmonBody(rows, records, {
			agent: 'home',
			timestamp: iso(now),
			devices: known,
			gaps: [{ from: newest - 9 * bucketS, to: newest - 6 * bucketS, what: 'the agent was not running' }],
			health: {
				version: '0.1.0',
				started: iso(now - 90_000),
				parts: [{ part: 'mihomo', state: 'up', since: iso(now - 9_000), last_error: null }],
				backlog_seconds: 0,
				wan: { source: 'procfs', devices: ['pppoe-wan'], why: 'the default route goes out of it' },
			},
			live: liveNow('video.example'),
		}),
	);
	const times = { start: iso(newest - 4_000), last_updated: iso(newest - 3_900) };
	const old = [1, 2, 3].map((n) =>
		record({ ...times, id: uuid(100_000 + n), source_ip: '192.168.2.9', upload: 100 * n, download: 10_000 * n }),
	);
	await send(master, oldBody(old, 'attic'));
	return { facts, count: count + old.length, agents: ['attic', 'home'] };
}

/** What an agent says of this second, with these hosts open. */
export function liveNow(...open: readonly string[]): LivePart {
	const speed = (down: number, up: number) => ({ down, up });
	return {
		wall: Date.now(),
		speeds: {
			...{ direct: speed(120_000, 9_000), proxy: speed(5_400_000, 210_000), reject: null },
			...{ unattributed: speed(900, 40), core: speed(5_520_900, 219_040), wan: speed(5_900_000, 250_000) },
			...{ overhead: speed(160_000, 12_000), bypass: speed(219_100, 18_960) },
		},
		connections: open.length,
		busiest: open.map((host, at) => ({
			...{ id: `${at} ${host}`, host, source_ip: devices[at % devices.length]!, class: at % 2 ? 'direct' : 'proxy' },
			...{ up: 1000 + at, down: 9_000 * (at + 1) },
		})),
	};
}

export async function send(master: Pick<FakeMaster, 'url'>, body: Buffer): Promise<void> {
	const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
	const answer = await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers, body });
	if (!answer.ok) throw new Error(await answer.text());
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
