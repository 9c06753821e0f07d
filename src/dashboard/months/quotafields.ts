// The fields of a quota's form, as texts, and the settings that they mean: each is read strictly, and what is wrong is
// told by field. Pure.
import type { TextName } from '../language/language.ts';

/** What a PUT on `/quotas/{agent}` takes. */
export interface QuotaSettings {
	readonly limit: number;
	readonly counts: string;
	readonly direction: string;
	readonly start_day: number;
	readonly tz: string | null;
	readonly levels: readonly number[];
	readonly used_before: number;
	/** Absent: as it is. */
	readonly webhook?: string | null;
}

export interface QuotaFields {
	readonly limit: string;
	readonly unit: string;
	readonly counts: string;
	readonly direction: string;
	readonly startDay: string;
	/** '' = the agent's own. */
	readonly zone: string;
	readonly levels: string;
	readonly usedBefore: string;
	/** '' = as it is. */
	readonly webhook: string;
	readonly withoutWebhook: boolean;
}

export const units: Readonly<Record<string, number>> = { GB: 1e9, TB: 1e12, GiB: 2 ** 30 };
const most = 2 ** 50;

export type FieldFaults = Partial<Record<keyof QuotaFields, TextName>>;

export function readFields(
	fields: QuotaFields,
): { readonly settings: QuotaSettings } | { readonly faults: FieldFaults } {
	const factor = units[fields.unit] ?? 1e9;
	const limit = bytesOf(fields.limit, factor);
	const before = fields.usedBefore.trim() === '' ? 0 : bytesOf(fields.usedBefore, factor);
	const startDay = /^\d{1,2}$/.test(fields.startDay.trim()) ? Number(fields.startDay) : 0;
	const levels = levelsOf(fields.levels);
	const webhook = fields.webhook.trim();
	const faults: FieldFaults = {
		...(limit === null || limit < 1 || limit > most ? { limit: 'limit wrong' } : {}),
		...(before === null || before > most ? { usedBefore: 'used before wrong' } : {}),
		...(startDay < 1 || startDay > 31 ? { startDay: 'start day wrong' } : {}),
		...(levels === null ? { levels: 'levels wrong' } : {}),
		...(fields.zone.trim() !== '' && !isZone(fields.zone.trim()) ? { zone: 'zone wrong' } : {}),
		...(webhook !== '' && !isWebhook(webhook) ? { webhook: 'webhook wrong' } : {}),
	};
	if (Object.keys(faults).length > 0) return { faults };
	return {
		settings: {
			...{ limit: limit!, counts: fields.counts, direction: fields.direction, start_day: startDay },
			...{ tz: fields.zone.trim() || null, levels: levels!, used_before: before! },
			...(fields.withoutWebhook ? { webhook: null } : webhook === '' ? {} : { webhook }),
		},
	};
}

/** "1.5" or "1,5" of a unit -> whole bytes; null = no number. */
export function bytesOf(text: string, factor: number): number | null {
	const plain = text.trim().replace(',', '.');
	return /^\d{1,12}(\.\d{1,9})?$/.test(plain) ? Math.round(Number(plain) * factor) : null;
}

/** Bytes as a field shows them: without loss, in the unit. */
export function fieldText(bytes: number, factor: number): string {
	const short = String(Number((bytes / factor).toFixed(3)));
	return bytesOf(short, factor) === bytes ? short : (bytes / factor).toFixed(9).replace(/\.?0+$/, '');
}

function levelsOf(text: string): number[] | null {
	const parts = text.split(/[\s,;%，、]+/).filter((part) => part !== '');
	const levels = parts.map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : 0));
	return levels.length <= 10 && levels.every((level) => level >= 1 && level <= 1000) ? levels : null;
}

function isZone(name: string): boolean {
	if (/^UTC[+-]\d\d:\d\d$/.test(name)) return true;
	try {
		return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
	} catch {
		return false;
	}
}

function isWebhook(text: string): boolean {
	try {
		const { protocol, username, password } = new URL(text);
		return /^https?:$/.test(protocol) && username === '' && password === '' && !/\s/.test(text);
	} catch {
		return false;
	}
}
