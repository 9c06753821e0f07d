// One batch into the store: connections made or brought up to date, bytes into the 5-minute buckets they flowed in.
// Runs within the transaction of whoever calls; the sums go out with `Ledger.flush`.
import type { Database } from '../system/database.ts';
import type { AgentHealth, Row, WireRecord } from '../wire.ts';
import { bookingStatements, type KnownConnection } from './bookingsql.ts';
import { type Cell, Cells } from './cells.ts';
import { DeviceBook, type Introduced } from './devicebook.ts';
import { otherClasses } from './dimension.ts';
import { Ledger } from './ledger.ts';
import { cellTexts, classOfLeaf, keyOf, namelessCell } from './recordcell.ts';
import { bucketSeconds, cellLimit, detailFields } from './schema.ts';
import { type ParsedNetmon, type ParsedSync, parseTime } from './syncbody.ts';
import { Texts } from './texts.ts';
import { noteWan } from './wanless.ts';

interface Growth {
	/** ms since the Unix epoch. */
	readonly last: number;
	readonly bucket: number;
	readonly up: number;
	readonly down: number;
}

interface Insertion extends Omit<Growth, 'bucket'> {
	readonly record: WireRecord;
	readonly agent: number;
	readonly cell: Cell;
}

interface Owner {
	readonly agent: number;
	readonly agentName: string;
}

const bucketMs = bucketSeconds * 1000;

export class Booking {
	readonly texts: Texts;
	readonly #cells: Cells;
	readonly #ledger: Ledger;
	readonly #devices: DeviceBook;
	readonly #sql: ReturnType<typeof bookingStatements>;
	readonly #database: Database;
	/** null: not counted yet. */
	#nextConnection: number | null = null;

	constructor(database: Database) {
		this.#database = database;
		this.texts = new Texts(database);
		this.#cells = new Cells(database, this.texts);
		this.#ledger = new Ledger(database, this.texts, otherClasses);
		this.#devices = new DeviceBook(database);
		this.#sql = bookingStatements(database);
	}

	/**
	 * Books what of a batch is new; all of it, some, or nothing where rows before it are missing. `now` in ms since the
	 * Unix epoch is when it came.
	 */
	take(batch: ParsedSync, now: number): void {
		if (batch.netmon) this.#takeRows(batch, batch.netmon, now);
		else {
			this.#agent(batch.agent, now, null);
			for (const record of batch.records) this.#takeTotals(record, record.agent_id ?? batch.agent, now);
		}
	}

	/** Writes the sums of everything taken. */
	flush(): void {
		this.#ledger.flush();
	}

	/** Forgets what was taken and not written: the transaction was taken back. */
	forget(): void {
		this.texts.forget();
		this.#cells.forget();
		this.#ledger.forget();
		this.#devices.forget();
		this.#nextConnection = null;
	}

	/** Bytes of before that were booked under an address go to the device that had it. */
	#introduce(agent: number, { address, bucket: first }: Introduced): void {
		const source = this.texts.number(address);
		// What waits in the ledger is in no table yet.
		this.#ledger.flush();
		const moved = new Map<number, Cell>();
		for (const { bucket, cell, n, u, d } of this.#sql.usageOfAddress.all(first * cellLimit, agent, source, source)) {
			const device = this.#devices.keyOf(agent, address, bucket);
			const [from, to] = [this.#cells.byId(cell), this.#cells.with(this.#cells.byId(cell), 'device', device)];
			if (from === to) continue;
			this.#ledger.add(from, bucket, -n, -u, -d);
			this.#ledger.add(to, bucket, n, u, d);
			moved.set(cell, to);
		}
		for (const [cell, to] of moved) this.#sql.moveConnections.run(to.id, first * bucketMs, cell);
	}

	/** An old agent's record: bytes so far, so what flowed is the difference to what was known. */
	#takeTotals(record: WireRecord, agentName: string, now: number): void {
		const agent = this.#agent(agentName, now, null);
		const last = parseTime(record.last_updated)!;
		const known = this.#sql.find.get(agent, keyOf(record.id));
		if (!known) {
			const cell = this.#cellOf(record, { agent, agentName, class: classOfLeaf(record) });
			this.#insert({ record, agent, cell, last, up: record.upload, down: record.download });
			return;
		}
		if (last < known.last) return;
		const cell = this.#cells.byId(known.cell);
		const fell = record.upload < known.up || record.download < known.down;
		// Another connection under an old id: all of it is new.
		const before = fell ? { up: 0, down: 0 } : known;
		const growth = { up: record.upload - before.up, down: record.download - before.down };
		this.#grow({ ...known, ...before }, cell, { last, bucket: Math.floor(last / bucketMs), ...growth });
	}

	#takeRows({ agent: agentName, records, timestamp }: ParsedSync, netmon: ParsedNetmon, now: number): void {
		const agent = this.#agent(agentName, now, netmon.tz);
		const { id: epoch, acked } = this.#epoch(agent, netmon.epoch);
		if (netmon.after > acked) return;
		for (const one of this.#devices.learn(agent, netmon.devices)) this.#introduce(agent, one);
		if (netmon.health) this.#tellHealth(agent, netmon.health, { timestamp, now });
		const fresh = netmon.rows.filter(({ seq }) => seq > acked);
		const classes = new Map(fresh.map((row) => [row.record, row.class]));
		// Without numbers they are totals, for a master that adds nothing up by itself.
		for (const [index, number] of netmon.records.entries()) {
			const record = records[index]!;
			const cell = this.#cellOf(record, { agent, agentName, class: classes.get(number) ?? classOfLeaf(record) });
			this.#sql.setRecord.run(epoch, number, this.#describe(record, agent, cell));
		}
		for (const row of fresh) this.#takeRow(row, { agent, agentName, epoch, timestamp });
		this.#sql.setAcked.run(fresh.at(-1)?.seq ?? acked, now, epoch);
		for (const gap of netmon.gaps) {
			this.#sql.insertGap.run(agent, gap.from, gap.to, gap.what, gap.lost?.up ?? null, gap.lost?.down ?? null);
		}
	}

	#tellHealth(agent: number, health: AgentHealth, { timestamp, now }: { timestamp: number; now: number }): void {
		this.#sql.setHealth.run(now, JSON.stringify(health), agent, now);
		noteWan(this.#sql, agent, health, timestamp);
	}

	#cellOf(record: WireRecord, { agent, agentName, class: className }: Owner & { readonly class: string }): Cell {
		const bucket = Math.floor(parseTime(record.last_updated)! / bucketMs);
		const device = this.#devices.keyOf(agent, record.source_ip, bucket);
		return this.#cells.of(cellTexts(record, { agent: agentName, class: className, device }));
	}

	/** The newest description of a connection holds. Answers its number. */
	#describe(record: WireRecord, agent: number, cell: Cell): number {
		const known = this.#sql.find.get(agent, keyOf(record.id));
		if (!known) return this.#insert({ record, agent, cell, last: parseTime(record.last_updated)!, up: 0, down: 0 });
		if (known.cell !== cell.id) {
			this.#ledger.add(this.#cells.byId(known.cell), known.counted, -1, 0, 0);
			this.#ledger.add(cell, known.counted, 1, 0, 0);
			this.#sql.grow.run(cell.id, known.last, known.up, known.down, known.counted, known.id);
		}
		return known.id;
	}

	#takeRow(row: Row, { agent, agentName, epoch, timestamp }: Owner & { epoch: number; timestamp: number }): void {
		const bucket = Math.floor(row.bucket / bucketSeconds);
		if (row.since !== null) {
			const until = (bucket + 1) * bucketSeconds;
			const code = this.texts.number(row.class ?? row.kind);
			this.#sql.addLate.run(agent, Math.min(row.since, until), until, code, row.up, row.down);
		}
		const known = row.record === null ? undefined : this.#sql.findRecord.get(epoch, row.record);
		if (!known) {
			const what = row.kind === 'usage' ? 'unknown' : row.kind;
			this.#ledger.add(
				this.#cells.of(namelessCell(agentName, row.class ?? row.kind, what, row.device)),
				bucket,
				0,
				row.up,
				row.down,
			);
			return;
		}
		const last = Math.max(bucket * bucketMs, Math.min(timestamp, (bucket + 1) * bucketMs - 1));
		const cell = this.#cells.with(this.#cells.byId(known.cell), 'class', row.class!);
		this.#grow(known, cell, { last: Math.max(last, known.last), bucket, up: row.up, down: row.down });
	}

	/** A connection counts once: in the bucket it was last seen in. */
	#grow(known: KnownConnection, cell: Cell, { last, bucket, up, down }: Growth): void {
		const moves = bucket > known.counted;
		if (moves) this.#ledger.add(this.#cells.byId(known.cell), known.counted, -1, 0, 0);
		this.#ledger.add(cell, bucket, moves ? 1 : 0, up, down);
		const counted = moves ? bucket : known.counted;
		this.#sql.grow.run(moves ? cell.id : known.cell, last, known.up + up, known.down + down, counted, known.id);
	}

	#insert({ record, agent, cell, last, up, down }: Insertion): number {
		this.#nextConnection ??= Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM connection'));
		const id = this.#nextConnection++;
		const bucket = Math.floor(last / bucketMs);
		this.#ledger.add(cell, bucket, 1, up, down);
		this.#sql.insert.run(
			...[id, agent, keyOf(record.id), cell.id, parseTime(record.start)!, last, up, down, bucket],
			...[record.source_port, record.destination_port, record.sniff_host, record.remote_destination].map((text) =>
				this.texts.number(text),
			),
			this.texts.number(JSON.stringify(detailFields.map((field) => record[field]))),
		);
		return id;
	}

	#agent(name: string, now: number, tz: string | null): number {
		const code = this.texts.number(name);
		this.#sql.setAgent.run(code, now, now, tz);
		return code;
	}

	#epoch(agent: number, name: string): { id: number; acked: number } {
		const known = this.#sql.findEpoch.get(agent, name);
		if (known) return known;
		this.#sql.insertEpoch.run(agent, name);
		return this.#sql.findEpoch.get(agent, name)!;
	}
}
