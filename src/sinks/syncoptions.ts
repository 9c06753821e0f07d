// What the sync is given, and what it tells.
import type { Clock } from '../system/clock.ts';
import type { RecordHosts } from './connectionrecord.ts';
import type { Transport } from './courier.ts';
import type { Outbox } from './outbox.ts';
import type { Picture } from './syncbody.ts';

export interface SyncOptions {
	readonly clock: Clock;
	/** In [0, 1). */
	readonly random: () => number;
	/** `--master-url`, without secrets. */
	readonly url: string;
	readonly token: string | null;
	readonly agentId: string;
	/** Random at each start. */
	readonly instance: string;
	/** The router's zone now: an IANA name, else `UTC+hh:mm`. */
	readonly tz: () => string;
	/** `--record-hosts`. */
	readonly hosts: RecordHosts;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	/** Opens a connection to the master: one for the sync, one for the wake. */
	readonly connect: () => Transport;
	readonly outbox: Outbox;
	/** What the master shows of now. Called for each body. */
	readonly picture: () => Picture;
	/** ms before the next try after so many failures in a row; null = give up. */
	readonly retryDelay: (failures: number) => number | null;
	readonly onAttempt: () => void;
	readonly onOk: () => void;
	/** The master was put back: what it was told beside rows is to be told again. */
	readonly onForgot: () => void;
	/** A sentence a user can act on. */
	readonly onFailure: (why: string) => void;
	readonly onGiveUp: () => void;
	/** For the log. */
	readonly onNews: (text: string) => void;
}

/** `sync` of status.json. */
export interface SyncState {
	/** `blocked`: a person has to act, `health` says what; the master is asked again each 5 minutes. */
	readonly state: 'starting' | 'up' | 'retrying' | 'blocked' | 'given up' | 'stopped';
	/** ISO 8601 UTC; null = not in this life. */
	readonly last_success: string | null;
	/** Age of the oldest row that waits. */
	readonly backlog_seconds: number;
	/** Bodies, as they went out. */
	readonly bytes_sent: number;
	/** null = not known yet. */
	readonly master: 'netmon' | 'old' | null;
	/** Rows that the master refused. */
	readonly set_aside: number;
}
