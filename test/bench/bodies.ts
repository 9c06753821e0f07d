// Bodies of old agents, for measuring the master.
import type { WireRecord } from '../../src/wire.ts';

/** Agents that take turns, and connections in one body. */
export const agents = 16;
export const batch = 1000;

/** `count` records from number `from` on, as the agent sends them whose turn it is. */
export function bodyOf(make: (at: number) => WireRecord, from: number, count: number): string {
	const name = `agent${(from / batch) % agents}`;
	const records = Array.from({ length: count }, (_, at) => ({ ...make(from + at), agent_id: name }));
	return JSON.stringify({ agent_id: name, timestamp: records.at(-1)!.last_updated, connections: records });
}
