// Rows as they travel: those that follow one another and share all but record and bytes go as one group, in columns.
import { type Kind, kinds, type Row, type RowGroup } from './wire.ts';

/** Rows in order of seq -> groups. */
export function packRows(rows: readonly Row[]): RowGroup[] {
	const groups: { head: Row; rows: Row[] }[] = [];
	for (const row of rows) {
		const last = groups.at(-1);
		if (last && row.seq === last.head.seq + last.rows.length && sameGroup(last.head, row)) last.rows.push(row);
		else groups.push({ head: row, rows: [row] });
	}
	return groups.map(({ head, rows: members }) => ({
		seq: head.seq,
		kind: head.kind,
		bucket: head.bucket,
		...(head.since === null ? {} : { since: head.since }),
		...(head.class === null ? {} : { class: head.class }),
		...(head.device === null ? {} : { device: head.device }),
		...(head.record === null
			? {}
			: { records: members.map(({ record }, index) => record! - (index === 0 ? 0 : members[index - 1]!.record!)) }),
		up: members.map(({ up }) => up),
		down: members.map(({ down }) => down),
	}));
}

function sameGroup(a: Row, b: Row): boolean {
	return (
		a.kind === b.kind &&
		a.bucket === b.bucket &&
		a.since === b.since &&
		a.class === b.class &&
		a.device === b.device &&
		(a.record === null) === (b.record === null)
	);
}

/** Groups -> rows; null when a group is not what this page says (counts differ, a number is no integer). */
export function unpackRows(groups: readonly unknown[]): Row[] | null {
	const rows: Row[] = [];
	for (const value of groups) {
		const group = value as Partial<RowGroup> | null;
		if (typeof group !== 'object' || group === null || !isGroup(group)) return null;
		let record = 0;
		for (const [index, up] of group.up.entries()) {
			record += group.records?.[index] ?? 0;
			const row: Row = {
				seq: group.seq + index,
				kind: group.kind,
				bucket: group.bucket,
				since: group.since ?? null,
				class: group.class ?? null,
				device: group.device ?? null,
				record: group.records ? record : null,
				up,
				down: group.down[index]!,
			};
			const least = row.kind === 'unattributed' ? Number.MIN_SAFE_INTEGER : 0;
			if (row.up < least || row.down < least || record < 0) return null;
			rows.push(row);
		}
	}
	return rows;
}

function isGroup(group: Partial<RowGroup>): group is RowGroup {
	const { seq, kind, bucket, since, class: class_, device, records, up, down } = group;
	return (
		isWhole(seq) &&
		seq > 0 &&
		kinds.includes(kind as Kind) &&
		isWhole(bucket) &&
		bucket >= 0 &&
		(since === undefined || isWhole(since)) &&
		(class_ === undefined || ['direct', 'proxy', 'reject'].includes(class_)) &&
		(device === undefined || typeof device === 'string') &&
		(kind === 'usage') === (class_ !== undefined) &&
		(kind === 'usage') === (records !== undefined) &&
		areWhole(up) &&
		areWhole(down) &&
		up.length === down.length &&
		up.length > 0 &&
		(records === undefined || (areWhole(records) && records.length === up.length))
	);
}

function isWhole(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

function areWhole(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every(isWhole);
}
