// What an agent of the demo's year sends of a day: rows that add up, WAN = core + overhead + bypass, with the gaps of a
// year in which not everything went well.
import { offsetAt } from '../../src/master/answers/zone.ts';
import type { Bytes } from '../../src/record.ts';
import { packRows } from '../../src/rowgroups.ts';
import type { AgentHealth, Gap, Row, SyncBody, WireRecord } from '../../src/wire.ts';
import type { DemoAgent } from './yearcast.ts';
import type { Visit } from './yearday.ts';

const dayMs = 86_400_000;
const bucketS = 300;
const hourS = 3600;
/** The newest days have what is beside the connections in buckets of 5 minutes, those before by the hour. */
const fineDays = 14;

/** Days before the end, half-open. */
interface Outage {
	readonly agent: string;
	readonly from: number;
	readonly to: number;
	readonly what: string;
	/** Of the WAN alone; else nothing was seen at all. */
	readonly wanOnly: boolean;
}

const outages: readonly Outage[] = [
	{ agent: 'home', from: 251.4, to: 251.02, what: 'nobody looked: the agent was not running', wanOnly: false },
	{ agent: 'home', from: 96.3, to: 96.1, what: 'counting began afresh: the power was cut', wanOnly: false },
	{ agent: 'home', from: 4.6, to: 4.45, what: 'nobody looked: the agent was not running', wanOnly: false },
	{ agent: 'office', from: 160, to: 157.5, what: 'nobody looked: the agent was not running', wanOnly: false },
	{ agent: 'office', from: 60, to: 41, what: 'LuCI refused the login', wanOnly: true },
	{ agent: 'office', from: 2.9, to: 1.9, what: 'LuCI refused the login', wanOnly: true },
];

/** An agent's sequence of rows and records. */
export class YearBooks {
	readonly agent: DemoAgent;
	readonly #outages: readonly (Omit<Outage, 'from' | 'to'> & { readonly from: number; readonly to: number })[];
	readonly #endS: number;
	#seq = 0;
	#record = 0;

	/** `end` in ms since the Unix epoch. */
	constructor(agent: DemoAgent, end: number) {
		this.agent = agent;
		this.#endS = Math.floor(end / 1000);
		const before = (days: number) => Math.floor((end - days * dayMs) / 1000 / hourS) * hourS;
		this.#outages = outages
			.filter(({ agent: name }) => name === agent.name)
			.map((outage) => ({ ...outage, from: before(outage.from), to: before(outage.to) }));
	}

	/** How many it has told of. */
	get connections(): number {
		return this.#record;
	}

	/** Of a day (counted since the Unix epoch) and what began in it, as it came in. */
	body(visits: readonly Visit[], day: number, came: number): Buffer {
		const { name, zone, devices } = this.agent;
		const zero = (day * dayMs - offsetAt(day * dayMs, zone)) / 1000;
		const after = this.#seq;
		const records: WireRecord[] = [];
		const numbers: number[] = [];
		const rows: Omit<Row, 'seq'>[] = [];
		for (const visit of visits) {
			const flow = visit.flow.filter(({ bucket }) => this.#sees(bucket));
			if (flow.length === 0) continue;
			this.#record += 1;
			numbers.push(this.#record);
			records.push(recordOf(visit, name, flow, came));
			for (const { bucket, up, down } of flow) {
				const fixed = { kind: 'usage', since: null, device: null, class: visit.site.class } as const;
				rows.push({ ...fixed, bucket, record: this.#record, up, down });
			}
		}
		rows.push(...this.#beside(rows, zero));
		rows.sort(
			(a, b) => a.bucket - b.bucket || a.kind.localeCompare(b.kind) || String(a.class).localeCompare(String(b.class)),
		);
		const numbered = rows.map((row): Row => ({ ...row, seq: ++this.#seq }));
		const gaps = this.#outages.filter(({ from, wanOnly }) => !wanOnly && from >= zero && from < zero + dayMs / 1000);
		const body: SyncBody = {
			agent_id: name,
			timestamp: new Date(came).toISOString(),
			connections: records,
			netmon: {
				...{ version: 1, instance: 'year', epoch: `year-${name}`, after, records: numbers, rows: packRows(numbered) },
				gaps: gaps.map(({ from, to, what }): Gap => ({ from, to, what })),
				devices: after > 0 ? [] : devices.map(({ ip, mac, name: called }) => ({ ip, mac, name: called, from: zero })),
				...{ health: this.#health(came), live: null, tz: zone },
			},
		};
		return Buffer.from(JSON.stringify(body));
	}

	#health(came: number): AgentHealth {
		const { wan } = this.agent;
		const outage = [...this.#outages].reverse().find(({ from, wanOnly }) => wanOnly && from * 1000 <= came);
		const down = outage !== undefined && outage.to * 1000 > came;
		const time = (ms: number) => new Date(ms).toISOString();
		const started = time(this.#endS * 1000 - 400 * dayMs);
		const up = (part: string) => ({ part, state: 'up', since: started, last_error: null });
		const line = { ...up('wan'), since: outage ? time((down ? outage.from : outage.to) * 1000) : started };
		return {
			...{ version: '0.1.0', started, backlog_seconds: 0 },
			parts: [up('mihomo'), down ? { ...line, state: 'down', last_error: outage.what } : line, up('queue'), up('sync')],
			wan: { source: down ? null : 'procfs', devices: down ? [] : [wan], why: down ? outage.what : '' },
		};
	}

	#sees(bucket: number): boolean {
		const away = this.#outages.some(({ from, to, wanOnly }) => !wanOnly && bucket >= from && bucket < to);
		return !away && bucket < this.#endS;
	}

	/** Unattributed, WAN, overhead and bypass of a day. */
	#beside(usage: readonly Omit<Row, 'seq'>[], zero: number): Omit<Row, 'seq'>[] {
		const { wan, bypass, zone } = this.agent;
		const offset = offsetAt(zero * 1000, zone) / 1000;
		const step = zero > this.#endS - fineDays * (dayMs / 1000) ? bucketS : hourS;
		const core = new Map<number, Bytes>();
		for (let at = zero; at < zero + dayMs / 1000; at += step)
			core.set(Math.floor(at / step) * step, { up: 0, down: 0 });
		for (const { bucket, up, down } of usage) {
			const at = Math.floor(bucket / step) * step;
			const sum = core.get(at) ?? { up: 0, down: 0 };
			core.set(at, { up: sum.up + up, down: sum.down + down });
		}
		const rows: Omit<Row, 'seq'>[] = [];
		for (const [bucket, named] of core) {
			if (!this.#sees(bucket)) continue;
			const add = (kind: Row['kind'], { up, down }: Bytes, device: string | null = null) => {
				if (up !== 0 || down !== 0)
					rows.push({ kind, bucket, since: null, class: null, record: null, device, up, down });
			};
			// What closed between two looks.
			const lost = { up: Math.round(named.up * 0.011), down: Math.round(named.down * 0.017) };
			add('unattributed', lost);
			if (this.#outages.some(({ from, to, wanOnly }) => wanOnly && bucket >= from && bucket < to)) continue;
			const whole = { up: named.up + lost.up, down: named.down + lost.down };
			const overhead = {
				up: Math.round(whole.up * 0.06 + whole.down * 0.028),
				down: Math.round(whole.down * 0.062 + whole.up * 0.02),
			};
			const past = bypassOf(bucket + offset, { step, most: bypass });
			add('overhead', overhead);
			add('bypass', past);
			add('wan', { up: whole.up + overhead.up + past.up, down: whole.down + overhead.down + past.down }, wan);
		}
		return rows;
	}
}

/** A game console that knows no proxy, most evenings; and what ticks all day. `bucket` by the agent's own clock. */
function bypassOf(bucket: number, { step, most }: { step: number; most: number }): Bytes {
	const local = new Date(bucket * 1000);
	const [hour, day] = [local.getUTCHours(), Math.floor(local.getTime() / dayMs)];
	const plays = hour >= 17 && hour < 22 && (day * 7) % 5 < 3;
	const down = Math.round(
		(step / hourS) * (most * 0.004 + (plays ? most * (0.4 + 0.6 * Math.sin(((hour - 17) / 5) * Math.PI)) : 0)),
	);
	return { up: Math.round(down / 14), down };
}

/** An old agent's: totals of connections, by the names of their nodes. */
export function oldAgentBody({ name }: DemoAgent, visits: readonly Visit[], came: number): Buffer | null {
	if (visits.length === 0) return null;
	const connections = visits.map((visit) => recordOf(visit, name, visit.flow, came));
	return Buffer.from(JSON.stringify({ agent_id: name, timestamp: new Date(came).toISOString(), connections }));
}

function recordOf(visit: Visit, agent: string, flow: readonly Bytes[], came: number): WireRecord {
	const { id, device, site, node, port, start, end } = visit;
	const sum = (way: keyof Bytes) => flow.reduce((total, one) => total + one[way], 0);
	const chain = { direct: ['DIRECT'], reject: ['REJECT'], proxy: [site.group, node] }[site.class];
	return {
		...{ id, agent_id: agent, download: sum('down'), upload: sum('up') },
		last_updated: new Date(Math.min(end, came - 1)).toISOString(),
		start: new Date(start).toISOString(),
		...{ network: site.network, conn_type: 'TProxy', source_ip: device.ip, destination_ip: site.address },
		...{ source_geoip: 'null', destination_geoip: site.geoip, source_ip_asn: '', destination_ip_asn: site.asn },
		...{ source_port: String(port), destination_port: '443', inbound_ip: '192.168.1.1', inbound_port: '7895' },
		...{ inbound_name: 'DEFAULT-TPROXY', inbound_user: '', host: site.host, dns_mode: 'normal', uid: 0 },
		// Only a core that runs where the programs do knows them.
		...{ process: agent === 'office' ? site.process : '', process_path: '', special_proxy: '', special_rules: '' },
		...{ remote_destination: site.address, dscp: 0, sniff_host: site.network === 'udp' ? site.host : '' },
		...{ chains: JSON.stringify(chain), rule: site.rule, rule_payload: site.payload },
	};
}
