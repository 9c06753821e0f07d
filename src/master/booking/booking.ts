// Batches into the store: connections made or brought up to date, bytes into the 5-minute buckets they flowed in. All
// that a transaction takes is looked up together, booked one after the other, and written together.

import { unpackRows } from '../../rowgroups.ts';
import type { Database } from '../../system/database.ts';
import type { AgentHealth, Row } from '../../wire.ts';
import type { Parcel, ParcelRows } from '../batch/parcel.ts';
import { bookingStatements } from './bookingsql.ts';
import { type CellPlace, Cells } from './cells.ts';
import { uuidBytes } from './connectionkey.ts';
import { type Connection, Connections } from './connections.ts';
import { DeviceBook, type Introduced } from './devicebook.ts';
import { otherClasses } from './dimension.ts';
import { Ledger } from './ledger.ts';
import { namelessCell, RecordCells } from './recordcell.ts';
import { bucketMs, bucketSeconds, cellLimit } from './schema.ts';
import { Texts } from './texts.ts';
import type { Totals } from './totals.ts';
import { noteWan } from './wanless.ts';

interface Taken {
	readonly parcel: Parcel;
	/** ms since the Unix epoch: when it came. */
	readonly now: number;
	readonly rows: readonly Row[];
	readonly records: RecordCells;
	readonly connections: readonly Connection[];
}

type Made = Pick<Connection, 'cell' | 'last' | 'up' | 'down'>;

interface Growth {
	/** ms since the Unix epoch. */
	readonly last: number;
	readonly bucket: number;
	readonly up: number;
	readonly down: number;
}

const uuidLength = 16;

export class Booking {
	readonly texts: Texts;
	readonly #cells: Cells;
	readonly #connections: Connections;
	readonly #ledger: Ledger;
	readonly #devices: DeviceBook;
	readonly #sql: ReturnType<typeof bookingStatements>;
	#taken: Taken[] = [];

	constructor(database: Database) {
		this.texts = new Texts(database);
		this.#cells = new Cells(database, this.texts);
		this.#connections = new Connections(database, this.#cells);
		this.#ledger = new Ledger(database, { texts: this.texts, cells: this.#cells, otherClasses });
		this.#devices = new DeviceBook(database);
		this.#sql = bookingStatements(database);
	}

	/** Takes a batch into what `flush` books, within the same transaction. `now` in ms since the Unix epoch is when it came. */
	take(parcel: Parcel, now: number): void {
		const { count, names, texts, netmon } = parcel;
		if (netmon && netmon.devices.length > 0) this.#learn(parcel, netmon);
		const records = new RecordCells(parcel, this.texts, this.#devices.keyOf.bind(this.#devices));
		const connections = Array.from({ length: count }, (_, at) => {
			const name =
				names instanceof Uint8Array
					? names.subarray(at * uuidLength, (at + 1) * uuidLength)
					: (uuidBytes(texts[names[at]!]!) ?? texts[names[at]!]!);
			return this.#connections.of(records.code('agent_id', at), name);
		});
		this.#taken.push({ parcel, now, records, connections, rows: netmon ? (unpackRows(netmon.groups) ?? []) : [] });
	}

	/** Books what of the batches is new: all of one, some, or nothing where rows before it are missing. */
	flush(): void {
		this.#connections.settle();
		const cells = this.#taken.map((taken) => this.#cellsOf(taken));
		for (const [at, taken] of this.#taken.entries()) {
			if (taken.parcel.netmon) this.#bookRows(taken, taken.parcel.netmon, cells[at]!);
			else this.#bookTotals(taken, cells[at]!);
		}
		this.#write();
		this.#taken = [];
	}

	#write(): void {
		this.#ledger.flush();
		this.#connections.flush();
		this.#cells.flush();
	}

	/** Sums of all times, which lag behind the others. */
	get totals(): Totals {
		return this.#ledger.totals;
	}

	/** Forgets what was taken and not written: the transaction was taken back. */
	forget(): void {
		this.texts.forget();
		this.#cells.forget();
		this.#connections.forget();
		this.#ledger.forget();
		this.#devices.forget();
		this.#taken = [];
	}

	/** What an agent tells of its devices holds for all that comes after, so what came before is booked first. */
	#learn(parcel: Parcel, netmon: ParcelRows): void {
		this.flush();
		const agent = this.texts.number(parcel.agent);
		if (netmon.after > this.#epoch(agent, netmon.epoch).acked) return;
		for (const one of this.#devices.learn(agent, netmon.devices)) this.#introduce(agent, one);
	}

	/** Bytes of before that were booked under an address go to the device that had it. */
	#introduce(agent: number, { address, bucket: first }: Introduced): void {
		const source = this.texts.number(address);
		const moved: { readonly bucket: number; readonly cell: number; readonly to: CellPlace }[] = [];
		for (const { bucket, cell, n, u, d } of this.#sql.usageOfAddress.all(first * cellLimit, agent, source, source)) {
			const device = this.#devices.keyOf(agent, address, bucket);
			const [from, to] = [this.#cells.byId(cell), this.#cells.with(this.#cells.byId(cell), 'device', device)];
			if (from === to) continue;
			this.#ledger.add(from, bucket, -n, -u, -d);
			this.#ledger.add(to, bucket, n, u, d);
			moved.push({ bucket, cell, to });
		}
		for (const { bucket, cell, to } of moved) {
			this.#sql.moveConnections.run(this.#cells.id(to), bucket * bucketMs, (bucket + 1) * bucketMs, cell);
		}
		this.#write();
	}

	/** Of each record that needs one: of those that are new, and of all that netmon describes. */
	#cellsOf({ parcel, rows, records, connections }: Taken): (CellPlace | null)[] {
		const { netmon } = parcel;
		// Without numbers they are totals, for a master that adds nothing up by itself.
		if (netmon && netmon.records.length === 0) return [];
		const classes = new Map(rows.map((row) => [row.record, row.class]));
		return connections.map(({ id }, at) =>
			netmon || id === 0 ? this.#cells.of(records.codes(at, classes.get(netmon?.records[at] ?? null) ?? null)) : null,
		);
	}

	/** An old agent's records: bytes so far, so what flowed is the difference to what was known. */
	#bookTotals({ parcel, now, records, connections }: Taken, cells: readonly (CellPlace | null)[]): void {
		const agents = new Set([this.texts.number(parcel.agent), ...connections.map(({ agent }) => agent)]);
		for (const agent of agents) this.#sql.setAgent.run(agent, now, now, null);
		for (const [at, connection] of connections.entries()) {
			const [last, up, down] = [parcel.lasts[at]!, parcel.ups[at]!, parcel.downs[at]!];
			if (connection.id === 0) {
				this.#make(connection, { cell: cells[at]!, last, up, down }, records, at);
				continue;
			}
			if (last < connection.last) continue;
			// Another connection under an old id: all of it is new.
			if (up < connection.up || down < connection.down) Object.assign(connection, { up: 0, down: 0 });
			const growth = { up: up - connection.up, down: down - connection.down };
			this.#grow(connection, connection.cell, { last, bucket: Math.floor(last / bucketMs), ...growth });
		}
	}

	#bookRows(taken: Taken, netmon: ParcelRows, cells: readonly (CellPlace | null)[]): void {
		const { parcel, now, rows, connections } = taken;
		const agent = this.texts.number(parcel.agent);
		this.#sql.setAgent.run(agent, now, now, netmon.tz);
		const { id: epoch, acked } = this.#epoch(agent, netmon.epoch);
		if (netmon.after > acked) return;
		if (netmon.health) this.#tellHealth(agent, netmon.health, { timestamp: parcel.timestamp, now });
		for (const [at, number] of netmon.records.entries()) {
			const connection = connections[at]!;
			this.#describe(connection, cells[at]!, taken, at);
			this.#connections.setRecord(epoch, number, connection);
		}
		const fresh = rows.filter(({ seq }) => seq > acked);
		for (const row of fresh) this.#bookRow(row, parcel, { agent, epoch });
		this.#sql.setAcked.run(fresh.at(-1)?.seq ?? acked, now, epoch);
		for (const gap of netmon.gaps) {
			this.#sql.insertGap.run(agent, gap.from, gap.to, gap.what, gap.lost?.up ?? null, gap.lost?.down ?? null);
		}
	}

	#tellHealth(agent: number, health: AgentHealth, { timestamp, now }: { timestamp: number; now: number }): void {
		this.#sql.setHealth.run(now, JSON.stringify(health), agent, now);
		noteWan(this.#sql, agent, health, timestamp);
	}

	/** The newest description of a connection holds. */
	#describe(connection: Connection, cell: CellPlace, { parcel, records }: Taken, at: number): void {
		if (connection.id === 0) this.#make(connection, { cell, last: parcel.lasts[at]!, up: 0, down: 0 }, records, at);
		else if (connection.cell !== cell) {
			this.#ledger.add(connection.cell, connection.counted, -1, 0, 0);
			this.#ledger.add(cell, connection.counted, 1, 0, 0);
			connection.cell = cell;
			this.#connections.change(connection);
		}
	}

	#bookRow(row: Row, { agent: name, timestamp }: Parcel, { agent, epoch }: { agent: number; epoch: number }): void {
		const bucket = Math.floor(row.bucket / bucketSeconds);
		if (row.since !== null) {
			const until = (bucket + 1) * bucketSeconds;
			const code = this.texts.number(row.class ?? row.kind);
			this.#sql.addLate.run(agent, Math.min(row.since, until), until, code, row.up, row.down);
		}
		const connection = row.record === null ? null : this.#connections.byRecord(epoch, row.record);
		if (!connection) {
			const what = row.kind === 'usage' ? 'unknown' : row.kind;
			const cell = this.#cells.ofTexts(namelessCell(name, row.class ?? row.kind, what, row.device));
			this.#ledger.add(cell, bucket, 0, row.up, row.down);
			return;
		}
		const last = Math.max(bucket * bucketMs, Math.min(timestamp, (bucket + 1) * bucketMs - 1));
		const cell = this.#cells.with(connection.cell, 'class', row.class!);
		this.#grow(connection, cell, { last: Math.max(last, connection.last), bucket, up: row.up, down: row.down });
	}

	/** A connection counts once: in the bucket it was last seen in. */
	#grow(connection: Connection, cell: CellPlace, { last, bucket, up, down }: Growth): void {
		const moves = bucket > connection.counted;
		if (moves) {
			this.#ledger.add(connection.cell, connection.counted, -1, 0, 0);
			connection.cell = cell;
			connection.counted = bucket;
		}
		this.#ledger.add(cell, bucket, moves ? 1 : 0, up, down);
		connection.last = last;
		connection.up += up;
		connection.down += down;
		this.#connections.change(connection);
	}

	#make(connection: Connection, { cell, last, up, down }: Made, records: RecordCells, at: number): void {
		Object.assign(connection, { cell, last, up, down, counted: Math.floor(last / bucketMs) });
		this.#connections.make(connection, records, at);
		this.#ledger.add(cell, connection.counted, 1, up, down);
	}

	#epoch(agent: number, name: string): { id: number; acked: number } {
		const known = this.#sql.findEpoch.get(agent, name);
		if (known) return known;
		this.#sql.insertEpoch.run(agent, name);
		return this.#sql.findEpoch.get(agent, name)!;
	}
}
