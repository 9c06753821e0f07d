// What has flowed and is not sealed yet: per connection and class, per WAN device, unattributed, overhead and bypass,
// each in the 5-minute bucket of the frame that showed it. Sealing makes rows of it. Work grows with what grew alone:
// an idle connection costs nothing here. Pure; docs/queue.md tells how the parts fit.
import { type Bytes, type Class, type Connection, noBytes } from '../record.ts';
import type { Kind } from '../wire.ts';
import { Buckets, type Moment } from './buckets.ts';
import { classByName } from './classes.ts';
import { isCounted } from './connections.ts';
import { byBucketAndGroup, Growing, type Growth, type SealedRow } from './growing.ts';

export type { SealedRow } from './growing.ts';

/** A connection seen for the first time, under its number in the epoch; `up`, `down`: what it had moved before that. */
export interface FirstSeen extends Bytes {
	readonly no: number;
	readonly connection: Connection;
}

/** What a checkpoint keeps: plain numbers and texts. */
export interface LedgerState {
	/** The number that the next connection gets. */
	readonly nextRecord: number;
	/** The last moment: ms since boot, and s since the Unix epoch (of the last trusted one; 0 = there was none). */
	readonly mono: number;
	readonly wall: number;
	/** Every open connection, and those closed ones that have growth left. */
	readonly connections: readonly { readonly id: string; readonly record: number; readonly grown: readonly Growth[] }[];
	/** Of the other kinds; `device` is '' for all but `wan`. */
	readonly others: readonly { readonly kind: Kind; readonly device: string; readonly grown: readonly Growth[] }[];
	/** The sums of overhead and bypass that were booked. */
	readonly beside: { readonly overhead: Bytes; readonly bypass: Bytes };
}

export class Ledger {
	readonly #buckets = new Buckets();
	readonly #open = new Map<string, Growing>();
	readonly #others = new Map<string, Growing>();
	/** All that have growth to seal. */
	#grew: Growing[] = [];
	#firstSeen: FirstSeen[] = [];
	/** Numbers of connections of which no row will come any more. */
	#ended: number[] = [];
	#nextRecord = 1;
	#beside = { overhead: noBytes, bypass: noBytes };
	/** Frames until restored connections that nobody lists are forgotten. */
	#framesToForget = -1;

	/**
	 * A later life goes on. `sameBoot`: `mono` counts from the same boot as then. Connections come back with `opened`
	 * and keep their numbers; call before anything else.
	 */
	restore(state: LedgerState, { sameBoot }: { readonly sameBoot: boolean }): void {
		this.#nextRecord = state.nextRecord;
		this.#beside = state.beside;
		this.#buckets.restore(state, sameBoot);
		for (const { id, record, grown } of state.connections) {
			const one = new Growing('usage', { id });
			one.record = record;
			one.told = record > 0;
			this.#open.set(id, one);
			this.#restoreGrowth(one, grown);
		}
		for (const { kind, device, grown } of state.others) this.#restoreGrowth(this.#other(kind, device), grown);
		this.#framesToForget = 2;
	}

	/** A file with another epoch is filled from now on: every open connection is first seen there once more. */
	beginEpoch(): void {
		this.#nextRecord = 1;
		this.#firstSeen = [];
		this.#ended = [];
		for (const one of new Set([...this.#open.values(), ...this.#grew])) {
			if (one.kind !== 'usage') continue;
			one.record = 0;
			one.told = false;
			if (one.connection) this.#number(one, one.connection);
		}
	}

	/** Whatever is open is let go of; records are numbered from 1 again. Call after every connection was closed. */
	forget(): void {
		this.#open.clear();
		this.#others.clear();
		this.#grew = [];
		this.beginEpoch();
	}

	/** Before each frame that goes to the account. */
	frame(now: Moment): void {
		this.#buckets.look('core', now);
		if (this.#framesToForget >= 0 && this.#framesToForget-- === 0) this.#forgetUnlisted();
	}

	/** The account's event; `up` and `down`: what the connection had moved before it is counted here. */
	opened(connection: Connection, up: number, down: number): void {
		if (!isCounted(connection)) return;
		let one = this.#open.get(connection.id);
		if (!one || one.connection) {
			one = new Growing('usage', { id: connection.id });
			this.#open.set(connection.id, one);
		}
		one.connection = connection;
		one.up = up;
		one.down = down;
		if (one.record === 0) this.#number(one, connection);
	}

	/** The account's event. */
	grown(connection: Connection, class_: Class, up: number, down: number): void {
		const one = this.#open.get(connection.id);
		if (!one) return;
		one.up += up;
		one.down += down;
		this.#add(one, class_, up, down);
	}

	/** The account's event. */
	closed(connection: Connection): void {
		const one = this.#open.get(connection.id);
		if (!one) return;
		this.#open.delete(connection.id);
		one.closed = true;
		// A connection that moved nothing (a rejected one) is told by a row of no bytes.
		if (!one.told && one.grown.length === 0) this.#add(one, classByName(connection.chains[0] ?? ''), 0, 0);
		if (one.grown.length === 0) this.#ended.push(one.record);
	}

	/** The account's event. */
	unattributed(up: number, down: number): void {
		this.#add(this.#other('unattributed', ''), null, up, down);
	}

	/** Before what each WAN sample tells. */
	wanSample(now: Moment): void {
		this.#buckets.look('wan', now);
	}

	/** A WAN device moved that much (`WanGrowth.devices`). */
	wan(device: string, { up, down }: Bytes): void {
		if (up + down > 0) this.#add(this.#other('wan', device), null, up, down);
	}

	/** The sums of `Overview`, which go through a checkpoint with this ledger's state. */
	beside({ overhead, bypass }: { readonly overhead: Bytes; readonly bypass: Bytes }): void {
		const booked = this.#beside;
		this.#addDifference('overhead', overhead, booked.overhead);
		this.#addDifference('bypass', bypass, booked.bypass);
		this.#beside = { overhead, bypass };
	}

	/** Connections first seen since the last call: to be written at each commit. */
	takeFirstSeen(): readonly FirstSeen[] {
		const taken = this.#firstSeen;
		this.#firstSeen = [];
		return taken;
	}

	/** Numbers of the connections that have ended, all sealed, since the last call. */
	takeEnded(): readonly number[] {
		const taken = this.#ended;
		this.#ended = [];
		return taken;
	}

	/** What has flowed becomes rows, oldest bucket first. While the wall clock is not trusted everything waits. */
	seal(now: Moment): SealedRow[] {
		this.#buckets.learn(now);
		const rows: SealedRow[] = [];
		const stay: Growing[] = [];
		for (const one of this.#grew) {
			one.seal(this.#buckets, rows);
			if (one.grown.length > 0) stay.push(one);
			else if (one.closed) this.#ended.push(one.record);
		}
		this.#grew = stay;
		return rows.sort(byBucketAndGroup);
	}

	/** Bytes of connections that have ended become unattributed; answers the numbers that no row will name. */
	shed(): readonly number[] {
		const isEnded = ({ kind, closed }: Growing) => kind === 'usage' && closed;
		const ended = this.#grew.filter(isEnded);
		this.#grew = this.#grew.filter((one) => !isEnded(one));
		const nameless = this.#other('unattributed', '');
		for (const { grown } of ended) {
			for (const { bucket, since, up, down } of grown) {
				if (nameless.grown.length === 0) this.#grew.push(nameless);
				nameless.add({ bucket, since }, null, up, down);
			}
		}
		return ended.map(({ record }) => record);
	}

	state(): LedgerState {
		const closed = this.#grew.filter(({ kind, closed }) => kind === 'usage' && closed);
		return {
			nextRecord: this.#nextRecord,
			...this.#buckets.state(),
			connections: [...this.#open.values(), ...closed],
			others: this.#grew.filter(({ kind }) => kind !== 'usage'),
			beside: this.#beside,
		};
	}

	#restoreGrowth(one: Growing, grown: readonly Growth[]): void {
		if (grown.length === 0) return;
		one.grown = grown.map((growth) => ({ ...growth, ...this.#buckets.restored(growth) }));
		this.#grew.push(one);
	}

	#other(kind: Kind, device: string): Growing {
		const key = device === '' ? kind : `${kind} ${device}`;
		let one = this.#others.get(key);
		if (!one) {
			one = new Growing(kind, { device });
			this.#others.set(key, one);
		}
		return one;
	}

	#number(one: Growing, connection: Connection): void {
		one.record = this.#nextRecord;
		this.#nextRecord += 1;
		this.#firstSeen.push({ no: one.record, connection, ...one.before() });
	}

	#addDifference(kind: Kind, sum: Bytes, booked: Bytes): void {
		const [up, down] = [sum.up - booked.up, sum.down - booked.down];
		if (up !== 0 || down !== 0) this.#add(this.#other(kind, ''), null, up, down);
	}

	#add(one: Growing, class_: Class | null, up: number, down: number): void {
		if (one.grown.length === 0) this.#grew.push(one);
		one.add(this.#buckets.keys(one.teller), class_, up, down);
	}

	/** Restored ones that two frames did not list are closed. */
	#forgetUnlisted(): void {
		for (const [id, one] of this.#open) {
			if (one.connection) continue;
			one.closed = true;
			this.#open.delete(id);
			if (one.grown.length === 0) this.#ended.push(one.record);
		}
	}
}
