// `netmon status`: what the running agent last wrote into its status file, for people or, with --json, as it stands.
import { readFileSync } from 'node:fs';
import { duration } from '../engine/health.ts';
import type { Bytes } from '../record.ts';
import { bytesText } from '../sinks/picture.ts';
import type { QueuePart, Status, SyncPart } from '../sinks/statusfile.ts';
import type { Clock } from '../system/clock.ts';

/** The agent writes once a second; what is older was left by one that is gone. */
const freshMs = 10_000;
const rowNames = ['direct', 'proxy', 'reject', 'unattributed', 'core', 'wan', 'overhead', 'bypass'] as const;

export interface StatusOptions {
	readonly path: string;
	readonly json: boolean;
	readonly clock: Clock;
	readonly print: (text: string) => void;
	readonly complain: (text: string) => void;
}

/** Exit code: 0, or 1 when no agent runs. */
export function status({ path, json, clock, print, complain }: StatusOptions): number {
	let text: string;
	let updated: number;
	let lines: readonly string[];
	try {
		text = readFileSync(path, 'utf8');
		const found = JSON.parse(text) as Status;
		updated = Date.parse(found.updated);
		lines = render(found);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		complain(
			code === 'ENOENT'
				? `no agent runs here: there is no ${path} (start one with netmon agent, or name its --state-dir)`
				: `${path} cannot be read (${code ?? 'it is no status of this version of netmon'})`,
		);
		return 1;
	}
	const ageMs = clock.wall() - updated;
	print(json ? text.trimEnd() : lines.join('\n'));
	if (ageMs <= freshMs) return 0;
	complain(`the agent that wrote ${path} was last seen ${duration(ageMs)} ago`);
	return 1;
}

function render(status: Status): string[] {
	const { core, wan, udp, queue, sync, speeds, totals, process: own } = status;
	return [
		`netmon ${status.version}, agent ${status.agent_id}, since ${status.started}, updated ${status.updated}`,
		`core    ${core.url}: ${core.connected ? `connected, ${core.version}, ${core.connections} connections` : 'not connected'}`,
		`wan     ${wan.source ? `${wan.source}, ${wan.devices.join(' + ') || 'no device'}: ` : ''}${wan.why}`,
		...wan.notes.map((note) => `        ${note}`),
		...(queue ? [`queue   ${queueLine(queue)}`] : []),
		...(sync ? [`sync    ${syncLine(sync)}`] : []),
		`udp     ${udp ? `${udp.clients} clients, ${udp.frames} frames, ${udp.refused} refused` : 'off'}`,
		'',
		`${''.padEnd(14)}${['up now', 'down now', 'up', 'down'].map((head) => head.padStart(14)).join('')}`,
		...rowNames.map((name) => row(name, speeds[name], totals[name])),
		lawText(totals),
		'',
		...status.health.map(
			(part) =>
				`${part.part.padEnd(10)}${part.state.padEnd(10)}${part.uptime_percent} % up, ${part.failures} failures${part.last_error ? `; last: ${part.last_error}` : ''}`,
		),
		`process   ${own.pid}, node ${own.node}, ${Math.round(own.rss / 1e6)} MB resident, ${own.cpu_seconds.toFixed(1)} s of CPU`,
	];
}

function queueLine(queue: QueuePart): string {
	const kinds = [queue.usage, queue.unattributed];
	const all = (name: 'queued' | 'acknowledged' | 'dropped') => amount(sum(...kinds.map((kind) => kind[name])));
	const kept = `${queue.rows} rows in ${amount(queue.file_bytes)}: ${all('queued')} of traffic waits, ${all('acknowledged')} acknowledged`;
	const dropped = sum(...kinds.map((kind) => kind.dropped)) > 0 ? `, ${all('dropped')} dropped` : '';
	return `${kept}${dropped}; a power cut now would cost ${queue.power_cut_costs_seconds} s`;
}

function syncLine({ state, last_success, backlog_seconds, bytes_sent, master }: SyncPart): string {
	const last = last_success === null ? 'never yet' : `last ${last_success}`;
	return `${state}${master ? ` with a ${master === 'old' ? 'tracker' : 'netmon'} master` : ''}, ${last}, ${backlog_seconds} s behind, ${amount(bytes_sent)} sent`;
}

/** Before rest the sums may differ by what is in flight. */
function lawText({ attributed, unattributed, core }: Status['totals']): string {
	if (!attributed || !unattributed || !core) return 'the core was not heard yet: its bytes are not known';
	const [parts, whole] = [sum(attributed, unattributed), sum(core)];
	const rest = parts === whole ? '' : `, ${Math.abs(whole - parts)} of them in flight`;
	return `attributed + unattributed = ${parts}, core = ${whole} bytes${rest}`;
}

function row(name: string, speed: Bytes | null, total: Bytes | null): string {
	const cells = [rate(speed?.up), rate(speed?.down), amount(total?.up), amount(total?.down)];
	return `${name.padEnd(14)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}

function sum(...parts: readonly Bytes[]): number {
	return parts.reduce((all, { up, down }) => all + up + down, 0);
}

function rate(bytes: number | undefined): string {
	return bytes === undefined ? '–' : `${amount(bytes)}/s`;
}

function amount(bytes: number | undefined): string {
	return bytes === undefined ? '–' : bytesText(bytes);
}
