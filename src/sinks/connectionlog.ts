// A line for each connection that opens and closes (info) and grows (debug), as Network Monitor and the tracker
// print them. A burst is cut to so many lines a second, and the rest is told as a number.
import type { Connection } from '../record.ts';
import type { Log } from '../system/log.ts';

const maxLinesPerSecond = 50;

export class ConnectionLog {
	readonly #log: Log;
	#lines = 0;
	readonly #more = { opened: 0, closed: 0, grown: 0 };

	constructor(log: Log) {
		this.#log = log;
	}

	opened(connection: Connection): void {
		if (!this.#mayPrint('opened')) return;
		const { network, sourceIP, sourcePort, rule, rulePayload, chains, process } = connection;
		const from = sourceIP === '' ? process || 'the core' : join(sourceIP, sourcePort);
		const matched = rulePayload === '' ? rule : `${rule}(${rulePayload})`;
		// From the group that the rule names to the node, as mihomo's own log has it.
		const through = [...chains].reverse().join(' > ');
		this.#log.info(
			`opened ${shortId(connection)} ${network} ${from} -> ${target(connection)} by ${matched || 'no rule'} through ${through}`,
		);
	}

	/** @param up bytes of the connection's whole life, as the core counted them */
	closed(connection: Connection, up: number, down: number): void {
		if (this.#mayPrint('closed'))
			this.#log.info(`closed ${shortId(connection)} ${target(connection)} up ${up} down ${down} bytes`);
	}

	/** @param up bytes since the frame before */
	grown(connection: Connection, up: number, down: number): void {
		if (!this.#log.debugs || !this.#mayPrint('grown')) return;
		this.#log.debug(`grown ${shortId(connection)} ${target(connection)} up +${up} down +${down} bytes`);
	}

	/** Once a second: tells what was cut and begins a new second. */
	tick(): void {
		const more = Object.entries(this.#more).filter(([, count]) => count > 0);
		if (more.length > 0)
			this.#log.info(`and more connections: ${more.map(([what, count]) => `${count} ${what}`).join(', ')}`);
		Object.assign(this.#more, { opened: 0, closed: 0, grown: 0 });
		this.#lines = 0;
	}

	#mayPrint(what: 'opened' | 'closed' | 'grown'): boolean {
		this.#lines += 1;
		if (this.#lines <= maxLinesPerSecond) return true;
		this.#more[what] += 1;
		return false;
	}
}

function shortId({ id }: Connection): string {
	return id.slice(0, 8);
}

function target({ host, destinationIP, destinationPort }: Connection): string {
	return join(host || destinationIP || '?', destinationPort);
}

function join(address: string, port: string): string {
	return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
