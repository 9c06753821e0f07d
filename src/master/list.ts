// Answers in rows: connections, agents, values of a filter, gaps.
import type { SqlValue } from '../system/database.ts';
import { coreClasses, type DimensionName, dimensions } from './dimension.ts';
import type { ListQuestion } from './question.ts';
import { detailFields, totalKey } from './schema.ts';
import { cellCondition, likePattern } from './scope.ts';
import { rows, type Store, summary } from './sums.ts';

export interface ConnectionPage {
	readonly rows: readonly Readonly<Record<string, SqlValue>>[];
	readonly totalCount: number;
	/** Where the next page begins; null = this was the last. */
	readonly next: readonly [value: number, id: number] | null;
}

const sortColumns: Readonly<Record<ListQuestion['sort'], string>> = {
	start: 'c.start',
	last_updated: 'c.last',
	download: 'c.down',
	upload: 'c.up',
	total: 'c.up + c.down',
};
const textOf = (number: string) => `(SELECT value FROM text WHERE text.id = ${number})`;
const pageColumns = `c.id AS number, CASE WHEN typeof(c.name) = 'blob' THEN lower(hex(c.name)) ELSE c.name END AS id,
	typeof(c.name) = 'blob' AS packed, ${textOf('cell.agent')} AS agent_id, c.down AS download, c.up AS upload,
	c.last AS last_updated, c.start AS start, ${textOf('cell.network')} AS network, ${textOf('c.detail')} AS detail,
	${textOf('cell.class')} AS class, ${textOf('cell.source')} AS source_ip, ${textOf('cell.destination')} AS destination_ip,
	${textOf('cell.geoip')} AS destination_geoip, ${textOf('c.source_port')} AS source_port,
	${textOf('c.destination_port')} AS destination_port, ${textOf('cell.name')} AS host,
	${textOf('cell.process')} AS process, ${textOf('cell.chains')} AS chains, ${textOf('cell.rule_type')} AS rule,
	${textOf('cell.payload')} AS rule_payload`;

export function connectionPage(store: Store, question: ListQuestion): ConnectionPage {
	const { sort, descending, limit, offset, after, filters, from, to } = question;
	const column = sortColumns[sort];
	const direction = descending ? 'DESC' : 'ASC';
	const where: string[] = [];
	const params: SqlValue[] = [];
	if (from !== null) {
		where.push('c.last >= ?');
		params.push(from);
	}
	if (to !== null) {
		where.push('c.last <= ?');
		params.push(to);
	}
	if (filters.length > 0) {
		const condition = cellCondition(question, store.texts, { allClasses: true });
		where.push(condition.sql);
		params.push(...condition.params);
	}
	const totalCount = count(store, question, where, params);
	if (after) {
		where.push(`(${column}, c.id) ${descending ? '<' : '>'} (?, ?)`);
		params.push(...after);
	}
	// Sorted before the texts are looked up: only a page of them is wanted.
	const found = rows<Record<string, SqlValue>>(
		store,
		`SELECT ${pageColumns}, ${column} AS sorted FROM (SELECT c.id AS number FROM connection c
			${filters.length > 0 ? 'CROSS JOIN cell ON cell.id = c.cell' : ''}
			${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
			ORDER BY ${column} ${direction}, c.id ${direction} LIMIT ? OFFSET ?) AS page
		CROSS JOIN connection c ON c.id = page.number JOIN cell ON cell.id = c.cell
		ORDER BY ${column} ${direction}, c.id ${direction}`,
		[...params, limit + 1, offset],
	);
	const page = found.slice(0, limit);
	const last = page.at(-1);
	const next = found.length > limit && last ? ([Number(last.sorted), Number(last.number)] as const) : null;
	return { rows: page.map(shown), totalCount, next };
}

function count(store: Store, question: ListQuestion, where: readonly string[], params: readonly SqlValue[]): number {
	const { filters, from, to } = question;
	const kept = store.database.value("SELECT value FROM mark WHERE name = 'retired'") === undefined;
	if (kept && from === null && to === null) return summary(store, question).n;
	const join = filters.length > 0 ? 'JOIN cell ON cell.id = c.cell' : '';
	const condition = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
	return rows<{ n: number }>(store, `SELECT count(*) AS n FROM connection c ${join} ${condition}`, params)[0]!.n;
}

const typeAt = detailFields.indexOf('conn_type');

function shown(row: Readonly<Record<string, SqlValue>>): Record<string, SqlValue> {
	const { number, packed, detail, sorted, ...rest } = row;
	const id = String(row.id);
	return {
		...rest,
		id: packed ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : id,
		last_updated: new Date(Number(row.last_updated)).toISOString(),
		start: new Date(Number(row.start)).toISOString(),
		conn_type: (JSON.parse(String(detail)) as string[])[typeAt] ?? '',
	};
}

export interface AgentRow {
	readonly id: string;
	/** ms since the Unix epoch. */
	readonly last: number;
	readonly first: number;
	readonly tz: string | null;
	readonly connections: number;
	readonly up: number;
	readonly down: number;
}

export function agents(store: Store): AgentRow[] {
	const known = rows<{ id: string; first: number; last: number; tz: string | null }>(
		store,
		`SELECT ${textOf('agent.name')} AS id, first, last, tz FROM agent ORDER BY 1`,
		[],
	);
	return known.map((agent) => {
		const { n, u, d } = summary(store, {
			filters: [{ dimension: 'agent', is: agent.id }],
			from: null,
			to: null,
		});
		return { ...agent, connections: n, up: u, down: d };
	});
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

export function gaps(store: Store): Record<string, SqlValue>[] {
	return rows(
		store,
		`SELECT ${textOf('gap.agent')} AS agent_id, since, until, what, u AS upload, d AS download FROM gap ORDER BY since DESC LIMIT 1000`,
		[],
	);
}

/** Bytes per agent and class, for Prometheus. */
export function classSums(store: Store): { agent: string; class: string; u: number; d: number }[] {
	const classes = [...coreClasses, 'wan', 'overhead', 'bypass'];
	return agents(store).flatMap(({ id }) =>
		classes.map((name) => {
			const sums = rows<{ u: number; d: number }>(
				store,
				`SELECT total.u * 1.0 AS u, total.d * 1.0 AS d FROM slot CROSS JOIN total ON total.k = (slot.id * 16 + ?) * 4294967296 + ?
				WHERE slot.dimension = ? AND slot.code = ?`,
				[dimensions.class.code, store.texts.find(name) ?? -1, dimensions.agent.code, store.texts.find(id) ?? -1],
			)[0];
			return { agent: id, class: name, u: sums?.u ?? 0, d: sums?.d ?? 0 };
		}),
	);
}
