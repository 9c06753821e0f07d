// What a record says of the dimensions that sums are asked by, in numbers of the store's texts.

import { type Column, type Parcel, portLimit, type TextColumn } from '../batch/parcel.ts';
import { type CellColumn, type CellTexts, cellColumns, columnAt } from './dimension.ts';
import { bucketMs, detailFields } from './schema.ts';
import type { Texts } from './texts.ts';

/** The last element of `chains`: the node that traffic left by. */
export function leafOf(chains: string): string {
	try {
		const list: unknown = JSON.parse(chains);
		const leaf: unknown = Array.isArray(list) ? list.at(-1) : undefined;
		return typeof leaf === 'string' ? leaf : '';
	} catch {
		return chains;
	}
}

/** By the names that mihomo gives its own outbounds: old agents know no types. */
export function classOfLeaf(leaf: string): string {
	if (leaf === 'DIRECT') return 'direct';
	return leaf.startsWith('REJECT') ? 'reject' : 'proxy';
}

/** Columns of a cell that are a text of the record as it is. */
const plain: readonly (readonly [column: CellColumn, text: TextColumn])[] = [
	['agent', 'agent_id'],
	['network', 'network'],
	['rule_type', 'rule'],
	['payload', 'rule_payload'],
	['process', 'process'],
	['chains', 'chains'],
	['source', 'source_ip'],
	['inbound_user', 'inbound_user'],
	['name', 'host'],
	['destination', 'destination_ip'],
	['geoip', 'destination_geoip'],
	['asn', 'destination_ip_asn'],
];
const [classAt, ruleAt, nodeAt, hostAt] = [columnAt('class'), columnAt('rule'), columnAt('node'), columnAt('host')];
const [nameAt, destinationAt, deviceAt] = [columnAt('name'), columnAt('destination'), columnAt('device')];
/** The number of the empty text (schema.ts). */
const empty = 1;

export type DeviceOf = (agent: number, address: string, bucket: number) => string;

/** What is written of a connection once. Texts by their numbers; a port is itself, or the text in its place. */
export interface ConnectionFacts {
	/** ms since the Unix epoch. */
	readonly start: number;
	readonly sourcePort: number | string;
	readonly destinationPort: number | string;
	readonly sniffHost: number;
	/** 0: the destination's address. */
	readonly remote: number;
	readonly detail: number;
}

interface Leaf {
	/** Numbers of texts. */
	readonly node: number;
	readonly className: number;
}

/** The records of one parcel; each of its texts is looked up in the store once. */
export class RecordCells {
	readonly #parcel: Parcel;
	readonly #texts: Texts;
	readonly #deviceOf: DeviceOf;
	/** By number in the parcel: that in the store; 0 = not asked for yet. */
	readonly #codes: Uint32Array;
	readonly #plain: readonly (readonly [place: number, column: Column])[];
	readonly #chains: Column;
	readonly #ruleType: Column;
	readonly #payload: Column;
	readonly #cell = new Array<number>(cellColumns.length).fill(0);
	readonly #rules = new Map<number, number>();
	readonly #leaves = new Map<number, Leaf>();
	readonly #details = new Map<string, number>();
	/** Columns of details that are not the same in all records. */
	readonly #changing: readonly Exclude<Column, number>[];
	readonly #devices = new Map<number, number>();
	#lastAgent = 0;
	#lastBucket = 0;

	/** `deviceOf`: whose an agent's address was in a bucket, a MAC or the address itself. */
	constructor(parcel: Parcel, texts: Texts, deviceOf: DeviceOf) {
		this.#parcel = parcel;
		this.#texts = texts;
		this.#deviceOf = deviceOf;
		this.#codes = new Uint32Array(parcel.texts.length);
		this.#changing = detailFields.flatMap((field) => {
			const column = parcel.columns[field];
			return typeof column === 'number' ? [] : [column];
		});
		this.#chains = parcel.columns.chains;
		this.#ruleType = parcel.columns.rule;
		this.#payload = parcel.columns.rule_payload;
		this.#plain = plain.map(([column, text]) => [columnAt(column), parcel.columns[text]]);
	}

	/** Of one record, in the order of `cellColumns`; the same list each time. `className` null: by the leaf. */
	codes(at: number, className: string | null): readonly number[] {
		const codes = this.#cell;
		for (const [place, column] of this.#plain) codes[place] = this.#code(numberAt(column, at));
		const { node, className: usual } = this.#leaf(numberAt(this.#chains, at));
		codes[deviceAt] = this.#device(at);
		codes[nodeAt] = node;
		codes[classAt] = className === null ? usual : this.#texts.number(className);
		codes[ruleAt] = this.#rule(numberAt(this.#ruleType, at), numberAt(this.#payload, at));
		codes[hostAt] = codes[nameAt] === empty ? codes[destinationAt]! : codes[nameAt]!;
		return codes;
	}

	/** The number of one of its texts. */
	code(name: TextColumn, at: number): number {
		return this.#code(numberAt(this.#parcel.columns[name], at));
	}

	facts(at: number): ConnectionFacts {
		const { starts, sourcePorts, destinationPorts, texts } = this.#parcel;
		const port = (value: number) => (value < portLimit ? value : texts[value - portLimit]!);
		const [remote, destination] = [this.code('remote_destination', at), this.code('destination_ip', at)];
		return {
			start: starts[at]!,
			sourcePort: port(sourcePorts[at]!),
			destinationPort: port(destinationPorts[at]!),
			sniffHost: this.code('sniff_host', at),
			remote: remote === destination ? 0 : remote,
			detail: this.#detail(at),
		};
	}

	/** What is asked so rarely that it is one text. */
	#detail(at: number): number {
		const key = this.#changing.length === 0 ? '' : this.#changing.map((column) => column[at]).join();
		let code = this.#details.get(key);
		if (code === undefined) {
			const { columns, texts } = this.#parcel;
			const values = detailFields.map((field) => {
				const text = texts[numberAt(columns[field], at)]!;
				return field === 'uid' || field === 'dscp' ? Number(text) : text;
			});
			code = this.#texts.number(JSON.stringify(values));
			this.#details.set(key, code);
		}
		return code;
	}

	/** Addresses come again and again within five minutes. */
	#device(at: number): number {
		const { columns, texts, lasts } = this.#parcel;
		const agent = this.code('agent_id', at);
		const bucket = Math.floor(lasts[at]! / bucketMs);
		if (agent !== this.#lastAgent || bucket !== this.#lastBucket) this.#devices.clear();
		[this.#lastAgent, this.#lastBucket] = [agent, bucket];
		const address = numberAt(columns.source_ip, at);
		let code = this.#devices.get(address);
		if (code === undefined) {
			code = this.#texts.number(this.#deviceOf(agent, texts[address]!, bucket));
			this.#devices.set(address, code);
		}
		return code;
	}

	#code(number: number): number {
		let code = this.#codes[number]!;
		if (code === 0) {
			code = this.#texts.number(this.#parcel.texts[number]!);
			this.#codes[number] = code;
		}
		return code;
	}

	#leaf(chains: number): Leaf {
		let leaf = this.#leaves.get(chains);
		if (!leaf) {
			const name = leafOf(this.#parcel.texts[chains]!);
			leaf = { node: this.#texts.number(name), className: this.#texts.number(classOfLeaf(name)) };
			this.#leaves.set(chains, leaf);
		}
		return leaf;
	}

	#rule(type: number, payload: number): number {
		const { texts } = this.#parcel;
		if (texts[payload] === '') return this.#code(type);
		const key = type * texts.length + payload;
		let code = this.#rules.get(key);
		if (code === undefined) {
			code = this.#texts.number(`${texts[type]} (${texts[payload]})`);
			this.#rules.set(key, code);
		}
		return code;
	}
}

function numberAt(column: Column, at: number): number {
	return typeof column === 'number' ? column : column[at]!;
}

/** Bytes without a connection: a row of its own in every chart, so that it adds up. `device`: of the WAN. */
export function namelessCell(agent: string, className: string, what: string, device: string | null): CellTexts {
	const label = `(${what})`;
	return {
		agent,
		class: className,
		network: label,
		rule_type: label,
		payload: '',
		rule: label,
		process: label,
		chains: '',
		node: label,
		device: device ?? label,
		inbound_user: label,
		name: label,
		host: label,
		destination: label,
		geoip: label,
		asn: label,
		source: label,
	};
}
