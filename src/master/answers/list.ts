// Answers in rows: connections, one of them whole, values of a filter.
import type { SqlValue } from '../../system/database.ts';
import { findConnection } from '../booking/connectionkey.ts';
import { type DimensionName, dimensions } from '../booking/dimension.ts';
import { detailFields, totalKey } from '../booking/schema.ts';
import { countConnections } from './count.ts';
import { deviceNames } from './devicelist.ts';
import { listRows } from './listrows.ts';
import type { ListQuestion, Question } from './question.ts';
import { likePattern } from './scope.ts';
import { rows, type Store } from './sums.ts';

export interface ConnectionPage {
	readonly rows: readonly Readonly<Record<string, SqlValue>>[];
	/** Of all pages; null: not counted again, for a page after the first. */
	readonly totalCount: number | null;
	/** Where the next page begins; null = this was the last. */
	readonly next: readonly [value: number, id: number] | null;
}

const textOf = (number: string) => `(SELECT value FROM text WHERE text.id = ${number})`;
const pageColumns = `CASE WHEN typeof(c.name) = 'blob' THEN lower(hex(c.name)) ELSE c.name END AS id,
	typeof(c.name) = 'blob' AS packed, ${textOf('cell.agent')} AS agent_id, c.down AS download, c.up AS upload,
	c.last AS last_updated, c.last - c.age AS start, ${textOf('cell.network')} AS network, ${textOf('c.detail')} AS detail,
	${textOf('cell.class')} AS class, ${textOf('cell.device')} AS device, ${textOf('cell.source')} AS source_ip, ${textOf('cell.destination')} AS destination_ip,
	${textOf('cell.geoip')} AS destination_geoip, CAST(c.source_port AS TEXT) AS source_port,
	CAST(c.destination_port AS TEXT) AS destination_port, ${textOf('cell.name')} AS host,
	${textOf('cell.process')} AS process, ${textOf('cell.chains')} AS chains, ${textOf('cell.rule_type')} AS rule,
	${textOf('cell.payload')} AS rule_payload`;

export function connectionPage(store: Store, question: ListQuestion): ConnectionPage {
	const { limit, after } = question;
	const totalCount = after ? null : countConnections(store, question);
	const found = listRows(store, question, totalCount);
	const page = found.slice(0, limit);
	// The texts are looked up last: of a page of them.
	const shownRows = rows<Record<string, SqlValue>>(
		store,
		`SELECT ${pageColumns} FROM json_each(?) AS page CROSS JOIN connection c ON c.id = page.value
		JOIN cell ON cell.id = c.cell ORDER BY page.key`,
		[JSON.stringify(page.map(({ id }) => id))],
	);
	const names = deviceNames(store, [...new Set(shownRows.map(({ device }) => String(device)))]);
	const last = page.at(-1);
	const next = found.length > limit && last ? ([last.value, last.id] as const) : null;
	return { rows: shownRows.map((row) => shown(row, names)), totalCount, next };
}

/** One connection with all that was ever said of it; null: it is not (any more) here. */
export function wholeConnection(
	store: Store,
	{ agent, id }: Pick<Question & { ask: 'connection' }, 'agent' | 'id'>,
): Record<string, SqlValue> | null {
	const [row] = rows<Record<string, SqlValue>>(
		store,
		`SELECT ${pageColumns}, ${textOf('cell.asn')} AS destination_ip_asn, ${textOf('cell.inbound_user')} AS inbound_user,
			${textOf('CASE c.remote WHEN 0 THEN cell.destination ELSE c.remote END')} AS remote_destination, ${textOf('c.sniff_host')} AS sniff_host
		FROM connection c JOIN cell ON cell.id = c.cell WHERE c.id = ?`,
		[findConnection(store.database, store.texts.find(agent) ?? -1, id) ?? -1],
	);
	if (!row) return null;
	const details = detailsOf(row);
	return { ...shown(row, deviceNames(store, [String(row.device)])), ...details };
}

function detailsOf({ detail }: Readonly<Record<string, SqlValue>>): Record<string, SqlValue> {
	const values = JSON.parse(String(detail)) as SqlValue[];
	return Object.fromEntries(detailFields.map((field, at) => [field, values[at] ?? '']));
}

function shown(row: Readonly<Record<string, SqlValue>>, names: ReadonlyMap<string, string>): Record<string, SqlValue> {
	const { packed, detail, ...rest } = row;
	const id = String(row.id);
	return {
		...rest,
		id: packed ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : id,
		last_updated: new Date(Number(row.last_updated)).toISOString(),
		start: new Date(Number(row.start)).toISOString(),
		conn_type: detailsOf(row).conn_type!,
		device_name: names.get(String(row.device)) ?? null,
	};
}

/** Values of a dimension that hold a text, the most frequent first. */
export function options(store: Store, dimension: DimensionName, contains: string, limit: number): string[] {
	const { code } = dimensions[dimension];
	return rows<{ value: string }>(
		store,
		`SELECT text.value AS value FROM total CROSS JOIN text ON text.id = (total.k & 4294967295)
		WHERE total.k >= ? AND total.k < ? AND n > 0 AND text.value LIKE ? ESCAPE '\\' ORDER BY n DESC, text.value LIMIT ?`,
		[totalKey(0, code, 0), totalKey(0, code + 1, 0), likePattern(contains), limit],
	).map(({ value }) => value);
}
