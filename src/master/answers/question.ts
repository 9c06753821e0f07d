// What may be asked of the store: plain values that travel to its thread.
import type { DimensionName } from '../booking/dimension.ts';

/** What must hold for the bytes that are meant; all together. */
export type Filter =
	| { readonly dimension: DimensionName; readonly is: string }
	| { readonly dimension: DimensionName; readonly isOneOf: readonly string[] }
	/** Any of them holds the text, in either case. */
	| { readonly anyOf: readonly DimensionName[]; readonly contains: string };

export type SortKey = 'count' | 'download' | 'upload' | 'total';
export type Metric = 'connections' | 'download' | 'upload' | 'total';

export interface Scope {
	readonly filters: readonly Filter[];
	/** ms since the Unix epoch; null = without end. */
	readonly from: number | null;
	readonly to: number | null;
}

export interface ListQuestion extends Scope {
	readonly ask: 'list';
	readonly sort: 'start' | 'last_updated' | 'download' | 'upload' | 'total';
	readonly descending: boolean;
	readonly limit: number;
	readonly offset: number;
	/** The last row that was seen: its sort value and number. */
	readonly after: readonly [value: number, id: number] | null;
}

export interface DevicesQuestion {
	readonly ask: 'devices';
	/** null = all. */
	readonly agent: string | null;
	/** In a name, a MAC or an address; null = all. */
	readonly contains: string | null;
	readonly limit: number;
	readonly offset: number;
}

export interface GapsQuestion extends Pick<Scope, 'from' | 'to'> {
	readonly ask: 'gaps';
	/** null = all. */
	readonly agent: string | null;
}

export type Question =
	| (Scope & { readonly ask: 'summary' })
	| (Scope & {
			readonly ask: 'group';
			readonly by: DimensionName;
			readonly sort: SortKey;
			readonly descending: boolean;
			readonly limit: number;
			readonly offset: number;
			/** Only values that hold it; null = all. */
			readonly contains: string | null;
	  })
	| (Scope & { readonly ask: 'balance' })
	| (Scope & {
			readonly ask: 'series';
			/** Where buckets begin, ms since the Unix epoch, ascending; the last is the end. */
			readonly edges: readonly number[];
			/** One line for each of them, or for each of them and each value of `splitBy`. */
			readonly metrics: readonly Metric[];
			readonly splitBy: DimensionName | null;
	  })
	| ListQuestion
	/** Whether times (ms since the Unix epoch) cut hours whose 5-minute rows are gone. */
	| { readonly ask: 'approximate'; readonly times: readonly number[] }
	| { readonly ask: 'agents' }
	| { readonly ask: 'agent'; readonly id: string }
	| { readonly ask: 'options'; readonly dimension: DimensionName; readonly contains: string; readonly limit: number }
	| DevicesQuestion
	| { readonly ask: 'connection'; readonly agent: string; readonly id: string }
	| GapsQuestion
	| { readonly ask: 'metrics' };

/** Connections and bytes. */
export interface SumsRow {
	readonly value: string;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

export interface GroupPage {
	/** `name`: what a device is called, where that is known. */
	readonly rows: readonly (SumsRow & { readonly name: string | null })[];
	/** How many there are on all pages. */
	readonly found: number;
}
