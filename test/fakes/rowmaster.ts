// What a master does with batches, in memory: it keeps `acked` per epoch, ignores what it has, and refuses to leave a
// hole. Its sums decide.
import type { Outbox, OutboxBatch } from '../../src/sinks/outbox.ts';
import type { Kind, Row, WireRecord } from '../../src/wire.ts';

export class RowMaster {
	readonly rows: (Row & { readonly epoch: string })[] = [];
	readonly records = new Map<string, WireRecord>();
	/** Records that came more than once, and rows that named one which never came. */
	readonly repeated: string[] = [];
	readonly nameless: Row[] = [];
	readonly acked = new Map<string, number>();

	/** Answers the number up to which all is committed. */
	take(epoch: string, { after, rows, records }: OutboxBatch): number {
		const acked = this.acked.get(epoch) ?? 0;
		if (after > acked) return acked;
		for (const { no, record } of records) {
			const key = `${epoch} ${no}`;
			const first = rows.find((row) => row.record === no)!;
			if (this.records.has(key) && first.seq > acked) this.repeated.push(key);
			this.records.set(key, record);
		}
		for (const row of rows) {
			if (row.seq <= acked) continue;
			if (row.record !== null && !this.records.has(`${epoch} ${row.record}`)) this.nameless.push(row);
			this.rows.push({ ...row, epoch });
		}
		const upTo = Math.max(acked, rows.at(-1)!.seq);
		this.acked.set(epoch, upTo);
		return upTo;
	}

	/** All that waits; `lose` says of which answers nothing comes back. */
	drain(outbox: Outbox, { maxRows = 500, lose = () => false }: { maxRows?: number; lose?: () => boolean } = {}): void {
		outbox.seal();
		for (const { epoch, acked } of outbox.epochs()) {
			let after = acked;
			for (;;) {
				const batch = outbox.peek(epoch, after, { maxRows, maxBytes: 4_000_000 });
				if (!batch) break;
				const answer = this.take(epoch, batch);
				if (lose()) return;
				if (answer < after) outbox.rewind(epoch, answer);
				else outbox.ack(epoch, answer);
				after = answer;
			}
		}
	}

	sum(...kinds: Kind[]): { up: number; down: number } {
		let [up, down] = [0, 0];
		for (const row of this.rows) {
			if (!kinds.includes(row.kind)) continue;
			up += row.up;
			down += row.down;
		}
		return { up, down };
	}
}
