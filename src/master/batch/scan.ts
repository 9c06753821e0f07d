// The usual body of an old agent, in a third of the time that `JSON.parse` and the checks after it take. Whatever is
// unusual in any way (white space, fields in another order from record to record, a number with an exponent) and
// whatever is wrong is left to `parseSync`, so that there is one place that says what a body may be.
import { type Column, type Parcel, sameOrEach, type TextColumn, textColumns } from './parcel.ts';
import type { NumberedField } from './recordfields.ts';
import { noAgent, RecordScan } from './recordscan.ts';
import { agentName, isObject, parseTime } from './syncbody.ts';

const opening = '"connections":[';

/** null: let `parseSync` look at it. */
export function scanSync(body: Buffer): Parcel | null {
	const found = body.indexOf(opening);
	if (found < 0) return null;
	const scan = new RecordScan(body);
	const end = scan.run(found + opening.length);
	if (end === null || body.indexOf(opening, end) >= 0) return null;
	const head = headOf(body.toString('utf8', 0, found + opening.length) + body.toString('utf8', end));
	const texts = scan.spans.strings();
	if (!head || !texts) return null;
	const own = texts.push(head.agent) - 1;
	const agents = scan.numbered('agent_id')?.map((number) => (number === noAgent ? own : number)) ?? null;
	if (agents && ![...new Set(agents)].every((number) => agentName.test(texts[number]!))) return null;
	const column = (name: TextColumn): [TextColumn, Column] => {
		const numbers = name === 'agent_id' ? agents : scan.numbered(name);
		return [name, numbers ? sameOrEach(numbers) : own];
	};
	const ports = (name: NumberedField) => scan.numbered(name) ?? new Uint32Array(0);
	return {
		...{ ...head, count: scan.count, texts, netmon: null },
		...{ starts: scan.numbers('start'), lasts: scan.numbers('last_updated') },
		...{ ups: scan.numbers('upload'), downs: scan.numbers('download') },
		...{ sourcePorts: ports('source_port'), destinationPorts: ports('destination_port') },
		names: scan.names.subarray(0, scan.count * 16),
		columns: Object.fromEntries(textColumns.map(column)) as Record<TextColumn, Column>,
	};
}

/** Of the body without its records. */
function headOf(text: string): { agent: string; timestamp: number } | null {
	try {
		const value: unknown = JSON.parse(text);
		if (!isObject(value) || (Object.hasOwn(value, 'netmon') && value.netmon !== null)) return null;
		const { agent_id: agent, connections } = value;
		const timestamp = parseTime(value.timestamp);
		if (!Array.isArray(connections) || connections.length > 0 || timestamp === null) return null;
		return typeof agent === 'string' && agentName.test(agent) ? { agent, timestamp } : null;
	} catch {
		return null;
	}
}
