// Makes the bodies that go to a master: the first question, a batch of rows, and what an old master takes.

import { packRows } from '../rowgroups.ts';
import type { Clock } from '../system/clock.ts';
import { type Device, type LivePart, type NetmonPart, type SyncBody, type WireRecord, wireVersion } from '../wire.ts';
import { type RecordHosts, recordedHost } from './connectionrecord.ts';
import type { OutboxBatch, WaitingGap } from './outbox.ts';

/** What the master shows of the router's now. */
export interface Picture {
	readonly devices: readonly Device[];
	/** Small: it travels with each sync. */
	readonly health: NetmonPart['health'];
	readonly live: LivePart | null;
}

export interface SyncBodiesOptions {
	readonly clock: Clock;
	readonly agentId: string;
	/** Random at each start. */
	readonly instance: string;
	/** The router's zone now: an IANA name where it is known, else `UTC+hh:mm`, which changes with the season. */
	readonly tz: () => string;
	/** What of host names may leave the router; records come from the queue as they may be. */
	readonly hosts: RecordHosts;
	readonly picture: () => Picture;
}

const maxBusiest = 50;
/** Before this no clock was set: a connection of a router without one. */
const firstTime = Date.UTC(2000);

export class SyncBodies {
	/** Somebody looks: `live` names the busiest connections, which are half of a quiet agent's bytes. */
	watched = false;
	/** The master refuses what is only shown. */
	bare = false;
	readonly #options: SyncBodiesOptions;

	constructor(options: SyncBodiesOptions) {
		this.#options = options;
	}

	/** Asks who is there, and what it has of the epoch. */
	hello(epoch: string, after: number): SyncBody {
		return this.#body(epoch, after, [], {});
	}

	/** Rows (or none) with what is shown. */
	batch(epoch: string, after: number, batch: OutboxBatch | null, gaps: readonly WaitingGap[]): SyncBody {
		const records = batch?.records ?? [];
		return this.#body(
			epoch,
			after,
			records.map(({ record }) => record),
			{
				records: records.map(({ no }) => no),
				rows: packRows(batch?.rows ?? []),
				gaps: gaps.map(({ gap }) => gap),
				...(this.bare ? {} : this.#picture()),
			},
		);
	}

	/** Connections without numbers; a netmon master takes nothing from it. */
	totals(epoch: string, after: number, connections: readonly WireRecord[]): SyncBody {
		return this.#body(epoch, after, connections, {});
	}

	#picture(): Pick<NetmonPart, 'devices' | 'health' | 'live'> {
		const { devices, health, live } = this.#options.picture();
		return { devices, health, live: live && { ...live, busiest: this.watched ? this.#shown(live.busiest) : [] } };
	}

	#shown(busiest: LivePart['busiest']): LivePart['busiest'] {
		const { hosts } = this.#options;
		return busiest.slice(0, maxBusiest).map((one) => ({ ...one, host: recordedHost(one.host, hosts) }));
	}

	#body(epoch: string, after: number, records: readonly WireRecord[], part: Partial<NetmonPart>): SyncBody {
		const { clock, agentId, instance, tz } = this.#options;
		const timestamp = new Date(clock.wall()).toISOString();
		return {
			agent_id: agentId,
			timestamp,
			connections: records.map((record) => dated({ ...record, agent_id: agentId }, timestamp)),
			netmon: {
				version: wireVersion,
				instance,
				epoch,
				after,
				records: [],
				rows: [],
				gaps: [],
				devices: [],
				health: {},
				live: null,
				tz: tz(),
				...part,
			},
		};
	}
}

/** A fold has no start, and a core whose clock was not set tells 1970: the bytes must not be refused for that. */
function dated(record: WireRecord, timestamp: string): WireRecord {
	const updated = isTime(record.last_updated) ? record.last_updated : timestamp;
	return { ...record, last_updated: updated, start: isTime(record.start) ? record.start : updated };
}

function isTime(text: string): boolean {
	return Date.parse(text) >= firstTime;
}
