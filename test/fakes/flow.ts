// One connection of the simulated core and its JSON: a constant head, two numbers, a constant tail, in the key
// order and escaping of mihomo (Go's encoding/json).
import type { Class } from '../../src/record.ts';

/** What a connection is and never changes: mihomo's own names. */
export interface FlowDescription {
	readonly id: string;
	readonly network: 'tcp' | 'udp';
	/** "Redir", "TProxy", "HTTPS", "Socks5", "Inner", ... */
	readonly type: string;
	/** "" for Inner. */
	readonly sourceIP: string;
	readonly sourcePort: string;
	readonly destinationIP: string;
	readonly destinationGeoIP: readonly string[] | null;
	readonly destinationIPASN: string;
	readonly destinationPort: string;
	readonly inboundIP: string;
	readonly inboundPort: string;
	readonly inboundName: string;
	readonly host: string;
	readonly dnsMode: string;
	/** With type Inner: "" is listed and in no total, "mihomo" counts. */
	readonly process: string;
	readonly remoteDestination: string;
	readonly sniffHost: string;
	/** RFC 3339. */
	readonly start: string;
	readonly chains: readonly string[];
	readonly rule: string;
	readonly rulePayload: string;
	/** By the leaf's type. Not in the JSON. */
	readonly class: Class;
}

/** JSON as Go writes it: `<`, `>`, `&` and the two line separators escaped. */
export function goJson(value: unknown): string {
	return JSON.stringify(value).replace(
		/[<>&\u2028\u2029]/g,
		(char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

export class Flow {
	readonly is: FlowDescription;
	/** Whether the core's totals hold its bytes. */
	readonly counted: boolean;
	/** Starts with the comma (or what takes its place) before the object and ends before the upload's digits. */
	readonly head: Buffer;
	/** From the byte after the download's digits to the closing brace. */
	readonly tail: Buffer;
	up = 0;
	down = 0;
	/** What the newest frame with it has said. */
	shownUp = 0;
	shownDown = 0;
	/** Place in the core's table; -1 when closed. */
	place = -1;

	constructor(is: FlowDescription) {
		this.is = is;
		this.counted = !(is.type === 'Inner' && is.process === '');
		const { head, tail } = constantParts(is);
		this.head = Buffer.from(`,${head}`);
		this.tail = Buffer.from(tail);
	}
}

function constantParts(is: FlowDescription): { head: string; tail: string } {
	const metadata = {
		network: is.network,
		type: is.type,
		sourceIP: is.sourceIP,
		destinationIP: is.destinationIP,
		sourceGeoIP: null,
		destinationGeoIP: is.destinationGeoIP,
		sourceIPASN: '',
		destinationIPASN: is.destinationIPASN,
		sourcePort: is.sourcePort,
		destinationPort: is.destinationPort,
		inboundIP: is.inboundIP,
		inboundPort: is.inboundPort,
		inboundName: is.inboundName,
		inboundUser: '',
		host: is.host,
		dnsMode: is.dnsMode,
		uid: 0,
		process: is.process,
		processPath: '',
		specialProxy: '',
		specialRules: '',
		remoteDestination: is.remoteDestination,
		dscp: 0,
		sniffHost: is.sniffHost,
	};
	const tail = goJson({ start: is.start, chains: is.chains, rule: is.rule, rulePayload: is.rulePayload });
	return { head: `{"id":"${is.id}","metadata":${goJson(metadata)},"upload":`, tail: `,${tail.slice(1)}` };
}
