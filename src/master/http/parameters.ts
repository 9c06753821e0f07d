// The parameters of a request's query, read by name: a value or a refusal that says what is allowed. What nobody asks
// for is not looked at.

import type { Filter, Scope } from '../answers/question.ts';
import { isZone, parseMoment } from '../answers/zone.ts';
import type { DimensionName } from '../booking/dimension.ts';
import { Refusal } from './answer.ts';

const maxTextLength = 256;

export class Parameters {
	readonly #query: URLSearchParams;
	readonly #defaultZone: string;

	constructor(query: URLSearchParams, defaultZone: string) {
		this.#query = query;
		this.#defaultZone = defaultZone;
	}

	/** null: not given, or empty. */
	text(name: string): string | null {
		const value = this.#query.get(name);
		if (value !== null && (value.length > maxTextLength || value.includes('\0'))) {
			throw new Refusal(400, `${name} is no text of at most ${maxTextLength} characters`);
		}
		return value === '' ? null : value;
	}

	/** Given, though perhaps empty. */
	has(name: string): boolean {
		return this.#query.get(name) !== null;
	}

	choice<const C extends string>(name: string, choices: readonly C[], fallback: C): C;
	choice<const C extends string>(name: string, choices: readonly C[], fallback: null): C | null;
	choice<const C extends string>(name: string, choices: readonly C[], fallback: C | null): C | null {
		const value = this.text(name);
		if (value === null) return fallback;
		const found = choices.find((one) => one === value);
		if (found === undefined) throw new Refusal(400, `${name} is one of ${choices.join(', ')}`);
		return found;
	}

	/** Some of them, each once, with commas between. */
	choices<const C extends string>(name: string, choices: readonly C[], fallback: readonly C[]): readonly C[] {
		const value = this.text(name);
		if (value === null) return fallback;
		const parts = value.split(',');
		const found = parts.flatMap((part) => choices.filter((one) => one === part));
		if (found.length < parts.length || new Set(found).size < parts.length) {
			throw new Refusal(400, `${name} is one of ${choices.join(', ')}, or several with commas between`);
		}
		return found;
	}

	integer(name: string, { min, max, fallback }: { min: number; max: number; fallback: number }): number {
		const value = this.text(name);
		if (value === null) return fallback;
		const number = /^\d{1,15}$/.test(value) ? Number(value) : -1;
		if (number < min || number > max) throw new Refusal(400, `${name} is a whole number from ${min} to ${max}`);
		return number;
	}

	get zone(): string {
		const zone = this.text('tz');
		if (zone !== null && !isZone(zone)) throw new Refusal(400, 'tz is the name of a time zone, as Europe/Berlin');
		return zone ?? this.#defaultZone;
	}

	moment(name: string): number | null {
		const text = this.text(name);
		if (text === null) return null;
		// A plus that was not escaped arrives as a blank.
		const time = parseMoment(text.replace(/ (?=\d\d:?\d\d$)(?<=T.* )/, '+'), this.zone);
		if (time === null) throw new Refusal(400, `${name} is an ISO 8601 time, as 2026-01-31 or 2026-01-31T12:00:00Z`);
		return time;
	}

	get descending(): boolean {
		return this.choice('sort_order', ['asc', 'desc'], 'desc') === 'desc';
	}

	get csv(): boolean {
		return this.choice('format', ['json', 'csv'], 'json') === 'csv';
	}

	/** What `/stats` and `/connections` have in common; in a list of connections `destination` means the host too. */
	scope({ list = false } = {}): Scope {
		// Checked even where no time needs it.
		const { zone: _ } = this;
		const [from, to] = [this.moment('from'), this.moment('to')];
		if (from !== null && to !== null && from > to) throw new Refusal(400, 'from is after to');
		return {
			from,
			to,
			filters: [...filters, list ? listDestination : statsDestination].flatMap((filter) => filter(this)),
		};
	}
}

type FilterReader = (parameters: Parameters) => Filter[];

const equal =
	(parameter: string, dimension: DimensionName): FilterReader =>
	(parameters) => {
		const is = parameters.text(parameter);
		return is === null ? [] : [{ dimension, is }];
	};
const contains =
	(parameter: string, ...anyOf: DimensionName[]): FilterReader =>
	(parameters) => {
		const text = parameters.text(parameter);
		return text === null ? [] : [{ anyOf, contains: text }];
	};

/** The whole text, where the plain name means a part of it; nothing (`host_is=`) means what has none. */
const exactly =
	(parameter: string, dimension: DimensionName): FilterReader =>
	(parameters) =>
		parameters.has(parameter) ? [{ dimension, is: parameters.text(parameter) ?? '' }] : [];
/** One tag of the list that a destination has. */
const geoipExactly: FilterReader = (parameters) => {
	if (!parameters.has('geoip_is')) return [];
	const tag = parameters.text('geoip_is');
	return [
		tag === null
			? { dimension: 'geoip', isOneOf: ['', 'null', '[]'] }
			: { anyOf: ['geoip'], contains: JSON.stringify(tag) },
	];
};

/** A rule's type, or as groups show it: "RuleSet (streaming)". */
const rule: FilterReader = (parameters) => {
	const is = parameters.text('rule');
	return is === null ? [] : [{ dimension: is.endsWith(')') ? 'rule' : 'rule_type', is }];
};

const statsDestination = contains('destination', 'destination');
const listDestination = contains('destination', 'destination', 'host');

const filters: readonly FilterReader[] = [
	equal('agent_id', 'agent'),
	equal('network', 'network'),
	rule,
	contains('process', 'process'),
	contains('geoip', 'geoip'),
	contains('host', 'host'),
	exactly('process_is', 'process'),
	exactly('destination_is', 'destination'),
	exactly('host_is', 'host'),
	geoipExactly,
	equal('class', 'class'),
	equal('device', 'device'),
	equal('node', 'node'),
	equal('inbound_user', 'inbound_user'),
	equal('asn', 'asn'),
];
