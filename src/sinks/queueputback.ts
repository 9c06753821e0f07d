// What is put back: the master from a backup, which has fewer rows than it said, or this file from a copy, of which the
// master has more than it ever gave out. Nothing is counted twice, and what is missing is a gap. Throws `DatabaseError`.
import type { Bytes } from '../record.ts';
import type { Gap } from '../wire.ts';
import { addGap } from './queuegaps.ts';
import { coreKinds, type EpochLine } from './queueschema.ts';
import type { QueueStore } from './queuestore.ts';

const masterWas = 'the master was put back to an older state; these rows are no longer kept here';
const fileWas =
	"the queue's file is an older copy of one that went on: counting began afresh, so that nothing is counted twice";

/** Where the sync is told, and what was told of already. */
export interface Telling {
	/** s since the Unix epoch. */
	readonly wall: number;
	/** The highest gap that was given to anybody. */
	readonly gapsGiven: number;
}

/** The master has the rows up to `acked` alone. Answers what is no longer kept. */
export function rewind(store: QueueStore, name: string, acked: number, { wall, gapsGiven }: Telling): Gap | null {
	const { file } = store;
	const epoch = store.epoch(name);
	if (!epoch || acked >= epoch.acked) return null;
	return store.transaction(() => {
		for (const group of file.sumsOf(epoch.id, acked, epoch.acked)) {
			file.move(group.kind, 'acknowledged', 'queued', group);
		}
		const then = file.mark(epoch.id, acked);
		const known = then?.seq === acked ? then : acked === 0 ? { up: 0, down: 0, wall: 0 } : null;
		const gap = acked < epoch.gone ? gapBefore(store, epoch, known, wall) : null;
		file.run(
			'UPDATE epochs SET acked = ?, taken_up = ?, taken_down = ? WHERE id = ?',
			...[acked, known?.up ?? epoch.taken_up, known?.down ?? epoch.taken_down, epoch.id],
		);
		// What the master had been told of these it has forgotten; who sends the row sends the record.
		file.run('UPDATE records SET first = 0 WHERE epoch = ? AND first > ?', epoch.id, acked);
		file.run('DELETE FROM marks WHERE epoch = ? AND seq > ?', epoch.id, acked);
		if (gap) addGap(file, gap, gapsGiven);
		return gap;
	});
}

/**
 * The master has rows of the live epoch up to `acked` that another life of this file sent: what is above them here might
 * be the same bytes. It is dropped, and `name` is the live epoch from now on.
 */
export function beginAnew(store: QueueStore, name: string, acked: number, { wall, gapsGiven }: Telling): void {
	const { file, live } = store;
	store.transaction(() => {
		const taken = Math.min(acked, live.sealed);
		if (taken > live.acked) store.take(live, taken, wall);
		const oldest = file.get<{ wall: number | null }>(
			'SELECT min(coalesce(since, bucket)) AS wall FROM rows WHERE epoch = ? AND seq > ?',
			...[live.id, taken],
		)!.wall;
		for (const group of file.sumsOf(live.id, taken, live.sealed)) file.move(group.kind, 'queued', 'dropped', group);
		file.removeRows(live.id, taken, live.sealed);
		file.run('UPDATE records SET ended = 1 WHERE epoch = ?', live.id);
		file.addEpoch(name);
		file.keep('live', name);
		file.keep('checkpoint', null);
		addGap(file, { from: Math.min(oldest ?? wall, wall), to: wall, what: fileWas }, gapsGiven);
	});
	store.become(name);
}

/** Rows in (what the master has, `gone`] are nowhere any more. */
function gapBefore(store: QueueStore, epoch: EpochLine, then: (Bytes & { wall: number }) | null, wall: number): Gap {
	const { file } = store;
	const until = file.mark(epoch.id, epoch.gone);
	const gap = { from: then?.wall ?? 0, to: until?.wall ?? wall, what: masterWas };
	if (!then || !until) return gap;
	const kept = file.sumsOf(epoch.id, epoch.gone, until.seq).filter(({ kind }) => coreKinds.includes(kind));
	const sum = (way: 'up' | 'down') => until[way] - then[way] - kept.reduce((total, group) => total + group[way], 0);
	return { ...gap, lost: { up: sum('up'), down: sum('down') } };
}
