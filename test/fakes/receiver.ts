// The reference receiver: a master in memory that keeps the truth, for tests. Speaks both protocols of docs/sync.md,
// checks bodies by its own reading of that page, and can be put back to an older state of itself.
import { unpackRows } from '../../src/rowgroups.ts';
import type { Kind, NetmonAnswer, Row, SyncBody, WireRecord } from '../../src/wire.ts';

export interface ReceiverOptions {
	readonly kind?: 'netmon' | 'old';
	readonly token?: string | null;
	readonly gzip?: boolean;
	readonly maxBytes?: number;
	/** ms since the Unix epoch. */
	readonly wall?: () => number;
	/** A row or record that is refused with 400, and the whole body with it. */
	readonly refuses?: (row: Row | null, record: WireRecord | null) => boolean;
}

export interface ReceiverAnswer {
	readonly status: number;
	readonly body: string;
}

/** What the receiver has of one epoch of an agent. */
interface EpochState {
	acked: number;
	readonly rows: Map<number, Row>;
	readonly records: Map<number, WireRecord>;
}

interface AgentState {
	readonly epochs: Map<string, EpochState>;
	/** From, to and what, as one text: a gap that comes again is the same. */
	readonly gaps: Set<string>;
	/** Of an old master: by the connection's id. */
	readonly table: Map<string, WireRecord>;
	instances: { readonly instance: string; readonly wall: number }[];
}

const conflictMs = 10 * 60_000;

export class Receiver {
	kind: 'netmon' | 'old';
	nextSyncS = 0;
	/** Bodies that were understood, the last one at the end. */
	readonly bodies: SyncBody[] = [];
	/** How many bodies came, understood or not. */
	requests = 0;
	#agents = new Map<string, AgentState>();
	readonly #options: ReceiverOptions;

	constructor(options: ReceiverOptions = {}) {
		this.#options = options;
		this.kind = options.kind ?? 'netmon';
	}

	/** One body, uncompressed; what is committed is committed when this returns. */
	take(text: string): ReceiverAnswer {
		this.requests += 1;
		let body: SyncBody;
		try {
			body = JSON.parse(text) as SyncBody;
		} catch {
			return refuse(400, 'not JSON');
		}
		const wrong = wrongInBody(body) ?? (this.kind === 'netmon' ? wrongInNetmon(body) : null);
		if (wrong) return refuse(400, wrong);
		const answer = this.kind === 'old' ? this.#takeTotals(body) : this.#takeRows(body);
		if (answer.status === 200) {
			this.bodies.push(body);
			if (this.bodies.length > 1000) this.bodies.shift();
		}
		return answer;
	}

	#takeTotals(body: SyncBody): ReceiverAnswer {
		if (body.connections.some((record) => this.#options.refuses?.(null, record))) return refuse(400, 'a bad record');
		const { table } = this.#agent(body.agent_id);
		for (const record of body.connections) table.set(record.id, record);
		return succeed(body.connections.length);
	}

	#takeRows(body: SyncBody): ReceiverAnswer {
		const { instance, epoch: name, after, records } = body.netmon;
		const rows = unpackRows(body.netmon.rows)!;
		const agent = this.#agent(body.agent_id);
		if (this.#conflicts(agent, instance)) return refuse(409, `two agents call themselves ${body.agent_id}`);
		const described = new Map(records.map((no, index) => [no, body.connections[index]!]));
		if (rows.some((row) => this.#options.refuses?.(row, described.get(row.record ?? -1) ?? null))) {
			return refuse(400, 'a bad row');
		}
		const epoch = agent.epochs.get(name) ?? { acked: 0, rows: new Map(), records: new Map() };
		agent.epochs.set(name, epoch);
		if (after <= epoch.acked) {
			for (const row of rows) if (row.seq > epoch.acked) epoch.rows.set(row.seq, row);
			for (const [no, record] of described) epoch.records.set(no, record);
			for (const { from, to, what } of body.netmon.gaps) agent.gaps.add(`${from} ${to} ${what}`);
			epoch.acked = Math.max(epoch.acked, rows.at(-1)?.seq ?? 0);
		}
		return succeed(rows.length, {
			version: 1,
			epoch: name,
			acked: epoch.acked,
			next_sync_s: this.nextSyncS,
			gzip: this.#options.gzip ?? true,
			max_bytes: this.#options.maxBytes ?? 1024 * 1024,
		});
	}

	/** A, B and A again within ten minutes. */
	#conflicts(agent: AgentState, instance: string): boolean {
		const wall = this.#options.wall?.() ?? 0;
		const seen = agent.instances.filter((one) => wall - one.wall < conflictMs);
		const before = seen.findIndex((one) => one.instance === instance);
		const conflict = before >= 0 && before < seen.length - 1;
		agent.instances = [
			...seen.filter((one, index) => one.instance !== instance || index === before),
			{ instance, wall },
		];
		if (!conflict && before >= 0) agent.instances.splice(before, 1);
		return conflict;
	}

	#agent(id: string): AgentState {
		const agent = this.#agents.get(id) ?? {
			epochs: new Map<string, EpochState>(),
			gaps: new Set<string>(),
			table: new Map<string, WireRecord>(),
			instances: [],
		};
		this.#agents.set(id, agent);
		return agent;
	}

	// The truth

	/** Bytes up and down of an agent, by kind (and class), over all epochs. */
	sums(id: string): Record<string, { up: number; down: number }> {
		return sumsOf([...(this.#agents.get(id)?.epochs.values() ?? [])].flatMap(({ rows }) => [...rows.values()]));
	}

	rowsOf(id: string, epoch: string): readonly Row[] {
		return [...(this.#agents.get(id)?.epochs.get(epoch)?.rows.values() ?? [])].sort((a, b) => a.seq - b.seq);
	}

	acked(id: string, epoch: string): number {
		return this.#agents.get(id)?.epochs.get(epoch)?.acked ?? 0;
	}

	recordsOf(id: string, epoch: string): ReadonlyMap<number, WireRecord> {
		return this.#agents.get(id)?.epochs.get(epoch)?.records ?? new Map();
	}

	gapsOf(id: string): readonly string[] {
		return [...(this.#agents.get(id)?.gaps ?? [])];
	}

	/** What an old master would show. */
	tableOf(id: string): ReadonlyMap<string, WireRecord> {
		return this.#agents.get(id)?.table ?? new Map();
	}

	/** By agent. */
	allSums(): Record<string, Record<string, { up: number; down: number }>> {
		return Object.fromEntries([...this.#agents.keys()].map((id) => [id, this.sums(id)]));
	}

	/** All of its state, for a file. */
	toText(): string {
		return JSON.stringify(this.#agents, (_, value: unknown) => {
			if (value instanceof Map) return { map: [...value] };
			return value instanceof Set ? { set: [...value] } : value;
		});
	}

	fromText(text: string): void {
		this.#agents = JSON.parse(text, (_, value: { map?: [string, never][]; set?: string[] } | null) => {
			if (Array.isArray(value?.map)) return new Map(value.map);
			return Array.isArray(value?.set) ? new Set(value.set) : value;
		}) as Map<string, AgentState>;
	}

	/** A backup of now; the returned function puts it back. */
	backup(): () => void {
		const copy = structuredClone(this.#agents);
		return () => {
			this.#agents = structuredClone(copy);
		};
	}
}

/** The sums of rows by kind, `usage` by class too. */
export function sumsOf(rows: readonly Row[]): Record<string, { up: number; down: number }> {
	const sums: Record<string, { up: number; down: number }> = {};
	for (const { kind, class: class_, up, down } of rows) {
		const key: Kind | string = class_ === null ? kind : `${kind} ${class_}`;
		sums[key] ??= { up: 0, down: 0 };
		sums[key].up += up;
		sums[key].down += down;
	}
	return sums;
}

function succeed(count: number, netmon?: NetmonAnswer): ReceiverAnswer {
	const body = { status: 'success', data: { message: `${count} taken`, count }, message: null, netmon };
	return { status: 200, body: JSON.stringify(body) };
}

function refuse(status: number, message: string): ReceiverAnswer {
	return { status, body: JSON.stringify({ status: 'error', data: null, message }) };
}

const integers = ['download', 'upload', 'uid', 'dscp'];
const strings = (
	'id last_updated start network conn_type source_ip destination_ip source_geoip destination_geoip source_ip_asn ' +
	'destination_ip_asn source_port destination_port inbound_ip inbound_port inbound_name inbound_user host dns_mode ' +
	'process process_path special_proxy special_rules remote_destination sniff_host chains rule rule_payload'
).split(' ');

function wrongInBody(body: SyncBody): string | null {
	if (typeof body?.agent_id !== 'string' || body.agent_id === '') return 'no agent_id';
	if (Number.isNaN(Date.parse(body.timestamp))) return 'no timestamp';
	if (!Array.isArray(body.connections)) return 'no connections';
	for (const record of body.connections as unknown as Record<string, unknown>[]) {
		for (const name of strings) if (typeof record[name] !== 'string') return `${name} is no string`;
		for (const name of integers) {
			if (!Number.isSafeInteger(record[name])) return `${name} is no integer`;
		}
		if (record.agent_id !== body.agent_id) return 'agent_id differs';
		if (Object.keys(record).length !== 33) return 'a record has 33 fields';
	}
	return null;
}

function wrongInNetmon({ connections, netmon }: SyncBody): string | null {
	if (typeof netmon !== 'object') return 'no netmon';
	const { version, instance, epoch, after, records, rows, gaps, devices, health, live, tz } = netmon;
	if (version !== 1) return 'unknown version';
	if ([instance, epoch, tz].some((text) => typeof text !== 'string' || text === '')) return 'a text is missing';
	if (!Number.isSafeInteger(after) || after < 0) return 'after is no number';
	if (![records, rows, gaps, devices].every(Array.isArray)) return 'a list is missing';
	if (typeof health !== 'object' || health === null || typeof live !== 'object') return 'no health or live';
	if (records.length !== 0 && records.length !== connections.length) return 'records and connections differ';
	const flat = unpackRows(rows);
	if (!flat) return 'rows are malformed';
	if (flat.some(({ seq }, index) => seq <= (flat[index - 1]?.seq ?? after))) return 'rows are not in order';
	if (flat.length === 0 && records.length > 0) return 'descriptions without rows';
	return null;
}
