// The agent's state in the forms in which it is told: status.json, and the line of each minute.
import type { Bytes, Live, WanSample } from '../record.ts';
import type { HealthRow, QueuePart, Status, SyncPart } from './statusfile.ts';

export interface StatusFacts {
	readonly version: string;
	readonly agentId: string;
	/** ms since the Unix epoch. */
	readonly started: number;
	readonly now: number;
	readonly coreUrl: string;
	/** null = not reached. */
	readonly core: { readonly version: string } | null;
	readonly coreRuns: number;
	readonly coreIntervalMs: number;
	readonly live: Live;
	readonly local: Bytes | null;
	readonly today: Status['today'];
	readonly wan: {
		readonly source: string | null;
		readonly why: string;
		readonly sample: WanSample | null;
		readonly notes: readonly string[];
	};
	readonly udp: { readonly clients: number; readonly frames: number; readonly refused: number } | null;
	readonly queue: QueuePart | null;
	readonly sync: SyncPart | null;
	readonly health: readonly HealthRow[];
}

export function statusOf(facts: StatusFacts): Status {
	const { live, core, wan, udp } = facts;
	const memory = process.memoryUsage();
	const cpu = process.cpuUsage();
	return {
		version: facts.version,
		agent_id: facts.agentId,
		started: new Date(facts.started).toISOString(),
		updated: new Date(facts.now).toISOString(),
		core: {
			url: facts.coreUrl,
			connected: core !== null && !live.coreStale,
			version: core?.version ?? null,
			connections: live.connections,
			runs: facts.coreRuns,
			interval_ms: facts.coreIntervalMs,
		},
		speeds: live.speeds,
		totals: { ...live.totals, local: facts.local },
		today: facts.today,
		wan: {
			source: wan.source,
			devices: wan.sample?.devices.map(({ name }) => name) ?? [],
			why: [wan.why, wan.sample?.why].filter(Boolean).join('; '),
			notes: wan.notes,
		},
		udp: udp && { clients: udp.clients, frames: udp.frames, refused: udp.refused },
		queue: facts.queue,
		sync: facts.sync,
		health: facts.health,
		process: {
			pid: process.pid,
			rss: memory.rss,
			heap: memory.heapUsed,
			cpu_seconds: (cpu.user + cpu.system) / 1e6,
			node: process.versions.node,
		},
	};
}

/** One line: every part's state and how it did, and what flows. */
export function minuteReport({ speeds, connections }: Live, health: readonly HealthRow[]): string {
	const flows = (['direct', 'proxy', 'bypass', 'wan'] as const).map((name) => {
		const speed = speeds[name];
		return `${name} ${speed ? `${speed.up} up ${speed.down} down B/s` : 'unknown'}`;
	});
	return `${health.map(partText).join(', ')}; connections ${connections ?? 'unknown'}; ${flows.join(', ')}`;
}

function partText(row: HealthRow): string {
	const { part, state } = row;
	if (state === 'off') return `${part} off`;
	const life = `${part} ${state} since ${row.since}, ${row.uptime_percent} % up, ${row.attempts} tries, ${row.failures} failures`;
	return row.failures_in_a_row === 0 ? life : `${life}, ${row.failures_in_a_row} in a row: ${row.last_error}`;
}
